import Database from 'better-sqlite3';
import { codeOf, HumanError, messageOf } from '../../base/errors.ts';
import { ensurePrivateDir, ensurePrivateFile } from '../../protocol/privateDir.ts';
import type { Paths } from '../../protocol/paths.ts';
import { migrations } from './migrations.ts';
import { assertNodeApi } from './nodeApi.ts';
import { replaceDamaged } from './recovery.ts';

/** An open state.db. `recovered` says in one sentence what was done about a damaged file, or is null. */
export type OpenedDatabase = { db: Database.Database; recovered: string | null };

/**
 * Opens (or makes) state.db: WAL, checked, migrated. Only the holder of the leadership calls it.
 * A damaged file is set aside and the newest good backup takes its place (REL-2). HumanError 'database-unusable' or 'database-newer' if nothing helps.
 */
export function openDatabase(paths: Pick<Paths, 'dataDir' | 'stateDb' | 'backups'>): OpenedDatabase {
  assertNodeApi();
  ensurePrivateDir(paths.dataDir);
  ensurePrivateDir(paths.backups);
  ensurePrivateFile(paths.stateDb);
  try {
    return { db: openChecked(paths.stateDb), recovered: null };
  } catch (error) {
    if (!isDamage(error)) throw unusable(paths.stateDb, error);
    const recovered = `${paths.stateDb} was damaged (${messageOf(error)}): ${replaceDamaged(paths, isSound)}`;
    return { db: openChecked(paths.stateDb), recovered };
  }
}

/**
 * Runs `fn` as one transaction that is on the disk when this returns, also after a power loss (`synchronous=FULL`); everything else commits with NORMAL.
 * Must not run inside another transaction.
 */
export function durably<T>(db: Database.Database, fn: () => T): T {
  db.pragma('synchronous = FULL');
  try {
    return db.transaction(fn).immediate();
  } finally {
    db.pragma('synchronous = NORMAL');
  }
}

/** Whether a file is a sound database that this version can use. */
export function isSound(path: string): boolean {
  try {
    openChecked(path).close();
    return true;
  } catch (error) {
    if (isDamage(error)) return false;
    throw unusable(path, error);
  }
}

function openChecked(path: string): Database.Database {
  const db = new Database(path, { fileMustExist: true });
  try {
    const found = db.pragma('quick_check(1)', { simple: true });
    if (found !== 'ok') throw new Database.SqliteError(String(found).replaceAll('\n', ' '), 'SQLITE_CORRUPT');
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.pragma('foreign_keys = ON');
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function migrate(db: Database.Database): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > migrations.length) {
    throw new HumanError('database-newer', `${db.name} was written by a newer cockpit: update this one (nothing was changed)`);
  }
  migrations.slice(version).forEach((sql, index) => {
    durably(db, () => {
      db.exec(sql);
      db.pragma(`user_version = ${version + index + 1}`);
    });
  });
}

function isDamage(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  return code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT');
}

function unusable(path: string, error: unknown): unknown {
  if (error instanceof HumanError) return error;
  return new HumanError('database-unusable', `${path} cannot be opened (${messageOf(error)}): check free space and permissions of its folder`, { cause: error });
}
