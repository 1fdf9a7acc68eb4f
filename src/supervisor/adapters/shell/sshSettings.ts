import { execFile } from 'node:child_process';
import { homedir, userInfo } from 'node:os';
import { promisify } from 'node:util';
import type { HostConfig } from '../../domain/config.ts';
import { sshOf } from './opensshArgv.ts';
import { ConnectError } from './shell.ts';
import type { ShellContext } from './shellContext.ts';
import { lastLine } from './sshFailure.ts';

/** What `ssh -G` says of a target: every keyword in lower case with its values, in ssh's order. */
export type SshSettings = { first(keyword: string): string | undefined; all(keyword: string): string[] };

/** Asks the operator's ssh how it would connect. Rejects with a `ConnectError` when it refuses its configuration. */
export async function readSshSettings(host: HostConfig, context: ShellContext): Promise<SshSettings> {
  const file = context.sshConfigFile === undefined ? [] : ['-F', context.sshConfigFile];
  try {
    const { stdout } = await promisify(execFile)(sshOf(context), [...file, '-G', '--', host.sshTarget]);
    return parseSshSettings(stdout);
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new ConnectError('failed', `${host.alias}: ssh refuses its configuration: ${lastLine(stderr)}`, { cause: error });
  }
}

function parseSshSettings(text: string): SshSettings {
  const values = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, keyword = '', value = ''] = /^(\S+)\s*(.*)$/.exec(line) ?? [];
    values.set(keyword, [...(values.get(keyword) ?? []), value]);
  }
  const all = (keyword: string) => values.get(keyword) ?? [];
  return { all, first: (keyword) => all(keyword)[0] };
}

/** A file name of the settings with `~` and the tokens that files may have; null where a token is unknown. */
export function expandPath(path: string, settings: SshSettings): string | null {
  const home = userInfo().homedir || homedir();
  const tokens: Record<string, string | undefined> = { '%': '%', d: home, u: userInfo().username, h: settings.first('hostname'), r: settings.first('user'), n: settings.first('host'), p: settings.first('port') };
  if (Array.from(path.matchAll(/%(.)/g)).some(([, token = '']) => tokens[token] === undefined)) return null;
  return path.replace(/^~(?=\/)/, home).replace(/%(.)/g, (_, token: string) => tokens[token] ?? '');
}

/** The files of a keyword that may name several in one line. */
export function filesOf(keyword: string, settings: SshSettings): string[] {
  const words = settings.all(keyword).flatMap((line) => Array.from(line.matchAll(/"([^"]*)"|(\S+)/g), (m) => m[1] ?? m[2] ?? ''));
  return words.filter((word) => word !== 'none').flatMap((word) => expandPath(word, settings) ?? []);
}
