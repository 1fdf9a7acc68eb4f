import { stat } from 'node:fs/promises';
import { dirname, basename, join } from 'node:path';
import { codeOf } from '../base/errors.ts';
import type { Paths } from '../protocol/paths.ts';

/** The `auth.json` of an account; its folder, named by its key, is a CODEX_HOME. */
export function loginFileOf(paths: Pick<Paths, 'accounts'>, account: string): string {
  return join(paths.accounts, account, 'auth.json');
}

/** The account that a login file belongs to, or null. */
export function accountOfFile(file: string | null, accounts: readonly string[]): string | null {
  return file === null ? null : (accounts.find((account) => account === basename(dirname(file))) ?? null);
}

/** Which accounts are logged in; the text changes with the login. The files themselves are not read. */
export async function readLogins(paths: Pick<Paths, 'accounts'>, accounts: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await Promise.all(accounts.map(async (account) => [account, await loginMark(loginFileOf(paths, account))] as const));
  return new Map(rows.flatMap(([account, mark]) => (mark === null ? [] : [[account, mark] as const])));
}

async function loginMark(file: string): Promise<string | null> {
  try {
    const { ino, size, mtimeMs } = await stat(file);
    return size === 0 ? null : `${ino} ${size} ${mtimeMs}`;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw error;
  }
}
