import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { CockpitError, messageOf } from '../../base/errors.ts';
import { ensurePrivateFile } from '../../protocol/privateDir.ts';
import { syncPath } from './syncPath.ts';

const keptBackups = 5;
const backupName = /^state-[0-9TZ.-]+\.db$/;

/** Copies the database to `state-<timestamp>.db` in `dir` and keeps the newest five. Returns the new path; throws CockpitError 'backup-failed' and then leaves nothing behind. */
export function backupDatabase(db: Database.Database, dir: string): string {
  const name = `state-${timestamp()}.db`;
  const part = join(dir, `${name}.part`);
  try {
    ensurePrivateFile(part);
    db.prepare('VACUUM INTO ?').run(part);
    syncPath(part);
    renameSync(part, join(dir, name));
    syncPath(dir);
  } catch (error) {
    rmSync(part, { force: true });
    throw new CockpitError('backup-failed', `no backup of the database: ${messageOf(error)}`, { cause: error });
  }
  const older = listBackups(dir).filter((other) => other !== name);
  for (const old of older.slice(0, Math.max(0, older.length - (keptBackups - 1)))) rmSync(join(dir, old));
  return join(dir, name);
}

/** Names of the finished backups in `dir`, oldest first. */
export function listBackups(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => backupName.test(name))
    .sort();
}

/** Wall-clock time as a part of a file name: ISO-8601 with `-` for `:`, sorts by time. */
export function timestamp(): string {
  return new Date().toISOString().replaceAll(':', '-');
}
