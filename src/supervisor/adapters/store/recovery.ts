import { constants, copyFileSync, existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ensurePrivateFile } from '../../protocol/privateDir.ts';
import type { Paths } from '../../protocol/paths.ts';
import { listBackups, timestamp } from './backup.ts';
import { syncPath } from './syncPath.ts';

/**
 * Sets a damaged state.db aside as `state.db.corrupt-<timestamp>` (with -wal and -shm) and puts the newest sound backup, or an empty file, in its place.
 * Nobody may have the file open. There is no moment without a state.db, so a crash in between leaves nothing half done. Returns what happened, for a person.
 */
export function replaceDamaged(paths: Pick<Paths, 'stateDb' | 'backups'>, isSound: (path: string) => boolean): string {
  const fresh = `${paths.stateDb}.restoring`;
  const source = putNewestSound(paths.backups, fresh, isSound);
  syncPath(fresh);
  const aside = `${paths.stateDb}.corrupt-${timestamp()}`;
  // A journal of the damaged file must never be applied to the one that takes its place, so it goes first.
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(paths.stateDb + suffix)) renameSync(paths.stateDb + suffix, aside + suffix);
  }
  linkSync(paths.stateDb, aside);
  renameSync(fresh, paths.stateDb);
  syncPath(dirname(paths.stateDb));
  const from = source === null ? 'there is no backup, so it starts empty' : `the backup ${basename(source)} took its place`;
  return `set aside as ${basename(aside)}, ${from}`;
}

function putNewestSound(backups: string, fresh: string, isSound: (path: string) => boolean): string | null {
  for (const name of listBackups(backups).reverse()) {
    const source = join(backups, name);
    discard(fresh);
    copyFileSync(source, fresh, constants.COPYFILE_EXCL);
    if (isSound(fresh)) return source;
  }
  discard(fresh);
  ensurePrivateFile(fresh);
  return null;
}

function discard(path: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true });
}
