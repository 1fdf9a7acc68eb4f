import { randomUUID } from 'node:crypto';
import { lstat, readlink, rename, stat, symlink } from 'node:fs/promises';
import { codeOf } from './base/errors.ts';

/** Aims the stable link at the operator's ssh agent, so that everything that runs follows a new one (DISC-8). Null, or what is no socket (the agent of a shell that outlived it), leaves an older aim alone. Returns whether it changed. */
export async function aimAuthSock(link: string, target: string | null): Promise<boolean> {
  if (target === null || target === '' || target === link) return false;
  if ((await currentAim(link)) === target || !(await isSocket(target))) return false;
  const next = `${link}.${randomUUID()}`;
  await symlink(target, next);
  await rename(next, link);
  return true;
}

async function isSocket(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isSocket(),
    () => false,
  );
}

async function currentAim(link: string): Promise<string | null> {
  try {
    return (await lstat(link)).isSymbolicLink() ? await readlink(link) : null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
