import { join } from 'node:path';
import { pathsOf, type Paths } from '../supervisor/protocol/paths.ts';
import type { FakeHost } from './fakeHost.ts';

/** Where everything of one demo lives; all of it is under `root` but sockets whose path would be too long. */
export type DemoFiles = { root: string; paths: Paths; log: string; pid: string; /** program in Codex's place where there is none */ standIn: string; hosts: FakeHost[] };

/** The files of the demo in `root` (absolute). Makes nothing. */
export function demoFiles(root: string, env: NodeJS.ProcessEnv = process.env): DemoFiles {
  const paths = pathsOf(join(root, 'data'), env);
  return {
    root,
    paths,
    log: join(root, 'orchestrator.log'),
    pid: join(root, 'orchestrator.pid'),
    standIn: join(root, 'stand-in-agent'),
    hosts: ['atlas', 'borealis', 'cygnus'].map((alias) => ({ alias, socket: join(paths.runtime, `${alias}.tmux`) })),
  };
}
