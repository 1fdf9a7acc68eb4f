import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { masterNamePattern } from './opensshArgv.ts';

/** Ends every ssh master of `mastersDir` with all that runs over it, and removes its socket (PAIR-7). Touches nothing else there. */
export async function endMasters(mastersDir: string, options: { sshPath?: string; logger: Logger }): Promise<void> {
  const names = await readdir(mastersDir).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  const paths = names.filter((name) => masterNamePattern.test(name)).map((name) => join(mastersDir, name));
  await Promise.all(paths.map((path) => endMaster(path, options.sshPath ?? 'ssh', options.logger)));
}

function endMaster(path: string, sshPath: string, logger: Logger): Promise<void> {
  return new Promise((resolve, reject) => {
    // `-F none` and a made-up host: the socket alone says which master is meant
    execFile(sshPath, ['-F', 'none', '-S', path.replaceAll('%', '%%'), '-O', 'exit', '--', 'cockpit'], { timeout: 5000 }, (error) => {
      if (error) logger.debug('no master answered', { path, error: messageOf(error) });
      rm(path, { force: true }).then(resolve, reject);
    });
  });
}
