import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { endAppServer } from '../adapters/codex/agentProcess.ts';
import { codeOf, messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Paths } from '../protocol/paths.ts';
import { agentSocketOf } from './wantedAgents.ts';

/** Ends the app-server of every home, also of those whose host is away and of pairings that no database knows any more (PAIR-7). */
export async function endRecordedAgents(paths: Pick<Paths, 'homes' | 'agentSockets'>, logger: Logger): Promise<void> {
  await Promise.all(
    (await homeNames(paths.homes)).map(async (key) => {
      try {
        await endAppServer({ home: join(paths.homes, key), socketPath: agentSocketOf(paths, key) }, 'stop');
      } catch (error) {
        logger.error('an agent did not end', { key, error: messageOf(error) });
      }
    }),
  );
}

/** Homes are named after the keys of their sessions. */
async function homeNames(homes: string): Promise<string[]> {
  return await readdir(homes).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
}
