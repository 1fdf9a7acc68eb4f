import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from '../../base/errors.ts';
import { syncPath } from './syncPath.ts';

const wellFormed = /^[0-9a-f]{16}$/;

/** The install id beside the database: without it a lost database would make every session of ours look like another cockpit's (DISC-13). Null if there is none. */
export function readInstallId(path: string): string | null {
  try {
    const text = readFileSync(path, 'utf8').trim();
    return wellFormed.test(text) ? text : null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Writes it, durably and at once. */
export function writeInstallId(path: string, id: string): void {
  const part = `${path}.part`;
  writeFileSync(part, `${id}\n`, { mode: 0o600 });
  syncPath(part);
  renameSync(part, path);
  syncPath(dirname(path));
}
