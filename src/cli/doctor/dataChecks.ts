import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { loadConfig } from '../../supervisor/adapters/configFile/loadConfig.ts';
import { formatProblems } from '../../supervisor/adapters/configFile/parseConfig.ts';
import { codeOf, HumanError, messageOf } from '../../supervisor/base/errors.ts';
import type { Config } from '../../supervisor/domain/config.ts';
import type { Paths } from '../../supervisor/protocol/paths.ts';
import { checkPrivateDir } from '../../supervisor/protocol/privateDir.ts';
import { failed, ok, warning, type Finding } from './report.ts';

const mib = 2 ** 20;
const tightBytes = 500 * mib;
const fullBytes = 50 * mib;

/** Reads `config.yaml`; the configuration is null where it is missing or wrong. */
export async function checkConfig(paths: Paths): Promise<{ config: Config | null; finding: Finding }> {
  try {
    const result = await loadConfig(paths.config);
    if (result.ok === 'missing') return { config: null, finding: warning(`there is no ${paths.config} yet`, 'Run `cockpit setup`.') };
    if (!result.ok) return { config: null, finding: failed(formatProblems(result.problems), `Mend these lines of ${paths.config}.`) };
    const { hosts, accounts } = result.config;
    if (hosts.length === 0) return { config: result.config, finding: warning('no hosts are configured', 'Run `cockpit setup` and add one.') };
    return { config: result.config, finding: ok(`${count(hosts.length, 'host')}, ${count(accounts.length, 'account')}`) };
  } catch (error) {
    return { config: null, finding: failed(messageOf(error), `Make ${paths.config} readable for you: chmod 600 '${paths.config}'`) };
  }
}

/** Whether the data directory and the files with names or secrets in them are closed to others. */
export async function checkPermissions(paths: Paths): Promise<Finding> {
  try {
    checkPrivateDir(paths.dataDir);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ok('the data directory is made at the first start');
    if (error instanceof HumanError) return failed(error.message, `Run \`chmod 700 '${paths.dataDir}'\`, or choose another data directory.`);
    return failed(messageOf(error), 'Choose another data directory.');
  }
  const open = [];
  for (const path of [paths.config, paths.secrets, paths.stateDb]) if (await isOpenToOthers(path)) open.push(path);
  if (open.length === 0) return ok('closed to other users');
  return warning(`open to other users: ${open.join(', ')}`, `Run \`chmod 600 ${open.map((path) => `'${path}'`).join(' ')}\`.`);
}

/** Whether the data directory can be written, and has room. */
export async function checkDataDir(paths: Paths): Promise<Finding> {
  const place = await nearestExisting(paths.dataDir);
  try {
    await access(place, constants.W_OK | constants.X_OK);
  } catch (error) {
    return failed(`${place} cannot be written (${codeOf(error) ?? messageOf(error)})`, 'Make it writable, or choose another one with --data-dir or COCKPIT_DATA_DIR.');
  }
  const { bavail, bsize } = await statfs(place);
  const free = bavail * bsize;
  const found = `${paths.dataDir}, ${free >= 1024 * mib ? `${Math.round(free / 1024 / mib)} GiB` : `${Math.round(free / mib)} MiB`} free`;
  if (free < fullBytes) return failed(found, 'Make room: when the audit cannot be written, agents may not write.');
  return free < tightBytes ? warning(found, 'Make room before it is full.') : ok(found);
}

async function isOpenToOthers(path: string): Promise<boolean> {
  try {
    return ((await stat(path)).mode & 0o077) !== 0;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function nearestExisting(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
    return await nearestExisting(dirname(path));
  }
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
