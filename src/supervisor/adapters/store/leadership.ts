import Database from 'better-sqlite3';
import { delay } from '../../base/clock.ts';
import { codeOf, HumanError } from '../../base/errors.ts';
import { ensurePrivateFile } from '../../protocol/privateDir.ts';
import { assertNodeApi } from './nodeApi.ts';

const pollMs = 250;

/** The lock of a data directory: whoever holds it is the supervisor. The kernel frees it when the process ends, however it ends. */
export type Leadership = { readonly isHeld: boolean; release(): void };

/**
 * Takes the lock, or returns null when a process (this one included) holds it.
 * The lock is a POSIX lock: opening and closing the file by any other way than SQLite in this process would drop it.
 * Throws HumanError 'leader-db-damaged' if the file is not a database.
 */
export function acquireLeadership(leaderDbPath: string): Leadership | null {
  assertNodeApi();
  ensurePrivateFile(leaderDbPath);
  const db = new Database(leaderDbPath, { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    if (codeOf(error) === 'SQLITE_BUSY') return null;
    throw new HumanError('leader-db-damaged', `${leaderDbPath} cannot be locked: if no cockpit runs, delete it (it holds no data)`, { cause: error });
  }
  return {
    get isHeld() {
      return db.open;
    },
    release() {
      db.close();
    },
  };
}

/** Waits until the lock is free and takes it; rejects with the signal's reason. */
export async function waitForLeadership(leaderDbPath: string, signal: AbortSignal): Promise<Leadership> {
  for (;;) {
    signal.throwIfAborted();
    const leadership = acquireLeadership(leaderDbPath);
    if (leadership !== null) return leadership;
    await delay(pollMs, signal);
  }
}
