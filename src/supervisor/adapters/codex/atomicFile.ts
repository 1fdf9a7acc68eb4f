import { randomBytes } from 'node:crypto';
import { lstat, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { codeOf } from '../../base/errors.ts';

/** Replaces a file in one step (mode 0600). A link at `path` is replaced, never followed, because agents can write some of these folders. */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, text, { mode: 0o600, flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** The text of a regular file; null where there is none, or where something else (link, pipe, folder) has its name. */
export async function readRegularFile(path: string): Promise<string | null> {
  try {
    const stats = await lstat(path);
    return stats.isFile() ? await readFile(path, 'utf8') : null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Writes atomically unless the file already holds exactly this text; tells whether it wrote. */
export async function writeIfChanged(path: string, text: string): Promise<boolean> {
  if ((await readRegularFile(path)) === text) return false;
  await writeAtomically(path, text);
  return true;
}
