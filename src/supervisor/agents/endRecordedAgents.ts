import { join } from 'node:path';
import { endAppServer } from '../adapters/codex/agentProcess.ts';
import type { Store } from '../adapters/store/store.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Paths } from '../protocol/paths.ts';
import { agentSocketOf } from './wantedAgents.ts';

/** Ends the app-servers of every pairing, also of those whose host is away and that this supervisor therefore never joined (PAIR-7). */
export async function endRecordedAgents(store: Store, paths: Paths, logger: Logger): Promise<void> {
  await Promise.all(
    store.pairings.list({ includeArchived: true }).map(async ({ key }) => {
      try {
        await endAppServer({ home: join(paths.homes, key), socketPath: agentSocketOf(paths, key) }, 'stop');
      } catch (error) {
        logger.error('an agent did not end', { key, error: messageOf(error) });
      }
    }),
  );
}
