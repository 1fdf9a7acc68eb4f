import { resolve } from 'node:path';
import { defaultDataDir, pathsOf, type Paths } from '../supervisor/protocol/paths.ts';

/** Options that every command takes. */
export type GlobalOptions = { dataDir?: string; demo?: boolean };

/** Folder of the demo's files in the current folder (DEMO-1). */
export const demoDir = (cwd: string): string => resolve(cwd, '.cockpit-demo');

/** The paths that a command works on: the demo's with `--demo`, else those of CONF-1. */
export function pathsFor(options: GlobalOptions, env: NodeJS.ProcessEnv = process.env): Paths {
  if (options.demo) return pathsOf(resolve(demoDir(process.cwd()), 'data'), env);
  return pathsOf(resolve(defaultDataDir(env, options.dataDir)), env);
}
