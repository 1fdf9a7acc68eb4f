import { createRequire } from 'node:module';
import { findBrowser, howToGetBrowser } from '../../supervisor/adapters/browser/findBrowser.ts';
import { features } from '../../supervisor/adapters/tmux/tmuxVersion.ts';
import { versionText } from '../../supervisor/domain/tmuxVersion.ts';
import { failed, ok, warning, type Finding } from './report.ts';
import { runProgram } from './runProgram.ts';

const neededNodeApi = 10;

/** The Node that runs this. */
export function checkNode(): Finding {
  const { node, napi } = process.versions;
  return Number(napi) >= neededNodeApi ? ok(node) : failed(`${node} is too old`, 'Install Node 22.14 or newer.');
}

/** tmux of this machine, which shows the pairs. */
export async function checkTmux(): Promise<Finding> {
  const result = await runProgram('tmux', ['-V']);
  if (result.kind === 'missing') return failed('not installed', 'Install tmux with your package manager, for example `sudo apt install tmux`.');
  if (result.kind === 'hung' || result.exitCode !== 0) return failed('`tmux -V` does not work', 'Install tmux again with your package manager.');
  return tmuxFinding(result.output, 'Update tmux to 3.2 or newer.');
}

/** What a version of tmux means for cockpit. */
export function tmuxFinding(output: string, mend: string): Finding {
  const version = versionText(output);
  return features(output).controlFlags ? ok(version) : warning(`${version} is older than 3.2`, mend);
}

/** The ssh client. */
export async function checkSsh(env: NodeJS.ProcessEnv): Promise<Finding> {
  const result = await runProgram(env['COCKPIT_SSH'] || 'ssh', ['-V']);
  if (result.kind !== 'ended' || result.exitCode !== 0) return failed('not installed', 'Install the OpenSSH client, for example `sudo apt install openssh-client`.');
  return ok(result.output.split('\n')[0] ?? '');
}

/** A browser, which only logging accounts in needs. */
export async function checkBrowser(env: NodeJS.ProcessEnv): Promise<Finding> {
  const path = await findBrowser(env);
  if (path !== null) return ok(path);
  return warning('no Chromium and no Chrome', `Only needed to log accounts in. ${howToGetBrowser}`);
}

/** The native SQLite module, loaded in a process of its own because a wrong one ends it. */
export async function checkNative(): Promise<Finding> {
  const mend = 'Install cockpit again for this machine (its package holds the module for linux-x64 and linux-arm64).';
  const script = "const D = require(process.argv[1]); const d = new D(':memory:'); console.log(d.prepare('select sqlite_version()').pluck().get()); d.close();";
  try {
    const module = createRequire(import.meta.url).resolve('better-sqlite3');
    const result = await runProgram(process.execPath, ['-e', script, module], { env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' } });
    if (result.kind === 'ended' && result.exitCode === 0) return ok(`better-sqlite3 loads (SQLite ${result.output})`);
    return failed(`better-sqlite3 does not load${result.kind === 'ended' ? `: ${result.output.split('\n').find((line) => /Error/.test(line)) ?? `exit ${result.exitCode}`}` : ''}`, mend);
  } catch (error) {
    return failed(`better-sqlite3 is not there: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`, mend);
  }
}
