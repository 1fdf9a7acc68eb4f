import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes a file's content, or a directory's entries, survive a power loss. Not for a database that is open in this process. */
export function syncPath(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
