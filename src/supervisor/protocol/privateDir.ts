import { chmodSync, closeSync, mkdirSync, openSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf, HumanError } from '../base/errors.ts';

/** Makes a directory (and its parents) with mode 0700, or checks one that exists. HumanError 'dir-not-private' unless it is ours and closed to everybody else. */
export function ensurePrivateDir(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  checkPrivateDir(path);
}

/** Checks that a directory is ours, closed to everybody else, and in a folder that no other user can swap it out of. Throws HumanError 'dir-not-private', or Node's error if it is missing. */
export function checkPrivateDir(path: string): void {
  const uid = process.getuid?.() ?? 0;
  const own = statSync(path);
  if (!own.isDirectory()) throw notPrivate(`${path} is not a directory: move it away or choose another data directory`);
  if (own.uid !== uid) throw notPrivate(`${path} belongs to another user (uid ${own.uid}): choose another data directory`);
  if ((own.mode & 0o077) !== 0) {
    throw notPrivate(`${path} is open to other users (mode ${modeText(own)}): if it is cockpit's alone, run \`chmod 700 '${path}'\``);
  }
  const parent = statSync(dirname(path));
  if (parent.uid !== uid && parent.uid !== 0) {
    throw notPrivate(`${dirname(path)}, the folder of ${path}, belongs to another user (uid ${parent.uid}): choose another data directory`);
  }
}

/** Makes an empty file with mode 0600 if there is none; true if it made one. Never opens a file that exists: closing it would drop SQLite's locks of this process. */
export function ensurePrivateFile(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
    return false;
  }
}

function notPrivate(message: string): HumanError {
  return new HumanError('dir-not-private', message, { exitCode: 2 });
}

function modeText(stats: Stats): string {
  return (stats.mode & 0o777).toString(8).padStart(4, '0');
}
