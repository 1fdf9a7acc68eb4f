import { Passwords, type PasswordPlace } from '../../supervisor/adapters/secrets/passwords.ts';
import type { Paths } from '../../supervisor/protocol/paths.ts';
import { changeConfig, readConfig } from '../configEdit.ts';
import { ensurePrivateDir } from '../../supervisor/protocol/privateDir.ts';

export type { PasswordPlace };

/** Keeps the password of an account; tells where. */
export async function savePassword(paths: Paths, key: string, password: string): Promise<PasswordPlace> {
  ensurePrivateDir(paths.dataDir);
  return await new Passwords(paths, process.env).save(key, password);
}

/** Forgets the password of an account outside of `config.yaml`; tells where it was. */
export async function removePassword(paths: Paths, key: string): Promise<PasswordPlace[]> {
  return await new Passwords(paths, process.env).remove(key);
}

/** Every account with the place of its password. */
export async function passwordPlaces(paths: Paths): Promise<{ account: string; email: string; place: PasswordPlace | null }[]> {
  const passwords = new Passwords(paths, process.env);
  const accounts = (await readConfig(paths))?.accounts ?? [];
  return await Promise.all(accounts.map(async (account) => ({ account: account.key, email: account.email, place: (await passwords.find(account))?.place ?? null })));
}

/** Why there is no keyring here, or null where one answers. */
export async function keyringProblem(paths: Paths): Promise<string | null> {
  return await new Passwords(paths, process.env).keyringProblem();
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
