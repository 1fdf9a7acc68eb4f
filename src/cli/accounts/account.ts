import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HumanError } from '../../supervisor/base/errors.ts';
import type { Paths } from '../../supervisor/protocol/paths.ts';
import { readConfig, type Config } from '../configEdit.ts';
import { removePassword } from './secrets.ts';

export type Account = Config['accounts'][number];

/** The CODEX_HOME of an account, with its `auth.json`. */
export function accountHomeOf(paths: Pick<Paths, 'accounts'>, key: string): string {
  return join(paths.accounts, key);
}

/** The account of this key. HumanError (exit code 2) that names the others. */
export async function accountOf(paths: Paths, key: string): Promise<Account> {
  const accounts = (await readConfig(paths))?.accounts ?? [];
  const found = accounts.find((account) => account.key === key);
  if (found !== undefined) return found;
  const others = accounts.length === 0 ? 'there is none yet; `cockpit setup` adds one' : `there are ${accounts.map((account) => account.key).join(', ')}`;
  throw new HumanError('no-account', `No account ${key}: ${others}.`, { exitCode: 2 });
}

/** For an account that is removed: forgets its password and its browser profile, which is logged in at Google. Its `auth.json` stays, because agents may still be at work with it. */
export async function forgetAccount(paths: Paths, key: string): Promise<void> {
  await removePassword(paths, key);
  await rm(browserProfileOf(paths, key), { recursive: true, force: true });
}

/** The browser profile of an account. */
export function browserProfileOf(paths: Paths, key: string): string {
  return join(paths.login, 'profiles', key);
}
