import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { z } from 'zod';
import { supervisorFlags } from '../../src/cli/startSupervisor.ts';
import type { configRules } from '../../src/supervisor/adapters/configFile/rules.ts';
import { api, type Api } from '../../src/supervisor/protocol/api.ts';
import { connect, type Client } from '../../src/supervisor/protocol/client.ts';
import { pathsOf, type Paths } from '../../src/supervisor/protocol/paths.ts';
import type { SessionView, StatusView } from '../../src/supervisor/protocol/statusView.ts';
import { until } from '../../test/support/until.ts';
import { mentions, processes } from '../measure/processCost.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const bundle = join(root, 'dist', 'cockpit.js');

/** The built product, supervising in a process of its own. */
export type Product = {
  paths: Paths;
  pid: number;
  client: Client<Api>;
  status(): Promise<StatusView>;
  sessions(): Promise<SessionView[]>;
  /** Runs the CLI on it. */
  cli(...args: string[]): Promise<void>;
  /** Pids of all that belongs to it on this side. */
  pids(): number[];
  /** `down`, and waits until nothing of it is left. */
  stop(): Promise<void>;
};

/** Builds it if the sources are newer. */
export function buildProduct(): void {
  execFileSync(process.execPath, [join(root, 'bootstrap.mjs'), 'dist/cockpit.js', '--version'], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** Starts a supervisor with a fresh data directory. */
export async function startProduct(config: z.input<typeof configRules>, env: NodeJS.ProcessEnv): Promise<Product> {
  const dir = await mkdtemp(join(tmpdir(), 'ck-'));
  const paths = pathsOf(join(dir, 'data'));
  const home = join(dir, 'home');
  await mkdir(home, { mode: 0o700 });
  await mkdir(paths.dataDir, { recursive: true, mode: 0o700 });
  await writeFile(paths.config, stringify(config), { mode: 0o600 });
  const fullEnv = { ...process.env, HOME: home, SSH_AUTH_SOCK: '', ...env };
  const argv = [bundle, '--data-dir', paths.dataDir];
  const log = openSync(paths.log, 'a', 0o600);
  const child = spawn(process.execPath, [...supervisorFlags, ...argv, 'supervise'], { cwd: '/', env: fullEnv, stdio: ['ignore', log, log] });
  closeSync(log);
  const exited = once(child, 'exit');
  const client = await until(() => connect(paths, api, 'bench'), { timeoutMs: 20_000, what: 'the supervisor answers' }).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw error;
  });
  if (child.pid === undefined) throw new Error('the supervisor has no pid');
  // The supervisor's own and the remote side's folders differ, so a folder tells to whom a process belongs.
  const pids = () => processes().map(({ pid }) => pid).filter((pid) => pid !== process.pid && mentions(pid, dir));
  const status = () => client.request('status', {});
  return {
    paths,
    pid: child.pid,
    client,
    status,
    sessions: async () => (await status()).hosts.flatMap((host) => host.sessions),
    async cli(...args) {
      await promisify(execFile)(process.execPath, [...argv, ...args], { env: fullEnv });
    },
    pids,
    async stop() {
      await client.request('down', {});
      client.dispose();
      await exited;
      await until(() => pids().length === 0, { what: `nothing of the product is left: ${(await readFile(paths.log, 'utf8')).slice(-1000)}` });
      await rm(dir, { recursive: true, force: true });
    },
  };
}
