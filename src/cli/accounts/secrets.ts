import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Passwords, type PasswordPlace } from '../../supervisor/adapters/secrets/passwords.ts';
import { HumanError } from '../../supervisor/base/errors.ts';
import type { Paths } from '../../supervisor/protocol/paths.ts';
import { changeConfig, readConfig, type Config } from '../configEdit.ts';
import { ensurePrivateDir } from '../../supervisor/protocol/privateDir.ts';

export type { PasswordPlace };
type Account = Config['accounts'][number];

/** The account of this key. HumanError (exit code 2) that names the others. */
export async function accountOf(paths: Paths, key: string): Promise<Account> {
  const accounts = (await readConfig(paths))?.accounts ?? [];
  const found = accounts.find((account) => account.key === key);
  if (found !== undefined) return found;
  const others = accounts.length === 0 ? 'there is none yet; `cockpit setup` adds one' : `there are ${accounts.map((account) => account.key).join(', ')}`;
  throw new HumanError('no-account', `No account ${key}: ${others}.`, { exitCode: 2 });
}

/** Keeps the password of an account; tells where. */
export async function savePassword(paths: Paths, key: string, password: string): Promise<PasswordPlace> {
  ensurePrivateDir(paths.dataDir);
  return await new Passwords(paths, process.env).save(key, password);
}

/** Forgets the password of an account outside of `config.yaml`; tells where it was. */
export async function removePassword(paths: Paths, key: string): Promise<PasswordPlace[]> {
  return await new Passwords(paths, process.env).remove(key);
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

/** Every account with the place of its password. */
export async function passwordPlaces(paths: Paths): Promise<{ account: string; email: string; place: PasswordPlace | null }[]> {
  const passwords = new Passwords(paths, process.env);
  const accounts = (await readConfig(paths))?.accounts ?? [];
  return await Promise.all(accounts.map(async (account) => ({ account: account.key, email: account.email, place: (await passwords.find(account))?.place ?? null })));
}

/** Moves the passwords that stand in `config.yaml` to where they are safe; tells the new places. */
export async function importPasswords(paths: Paths): Promise<{ account: string; place: PasswordPlace }[]> {
  const moved = [];
  for (const { key, email, password } of (await readConfig(paths))?.accounts ?? []) {
    if (password === null) continue;
    moved.push({ account: key, place: await savePassword(paths, key, password) });
    // Only now, so that a failure in between leaves it in both places and not in none.
    changeConfig(paths, [{ kind: 'account', account: { key, email, password: undefined } }]);
  }
  return moved;
}
