import { join } from 'node:path';
import type { Disposable } from '../../base/disposable.ts';
import { messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import type { Paths } from '../../protocol/paths.ts';
import { createActionStore, type ActionStore } from './actions.ts';
import { backupDatabase } from './backup.ts';
import { openDatabase } from './database.ts';
import { createGrants, type Grants } from './grants.ts';
import { createPairings, type Pairings } from './pairings.ts';
import { createSettings, type Settings } from './settings.ts';

/** Everything that outlives the supervisor. All calls are synchronous. */
export type Store = Disposable &
  Settings &
  ActionStore &
  Grants & {
    readonly pairings: Pairings;
    /** What was done about a damaged database at this start, in one sentence for a person; null normally. */
    readonly recovered: string | null;
    /** Copies the database into the backups folder (hourly, by the caller); returns the path. Throws CockpitError 'backup-failed'. */
    backup(): string;
  };

/** Opens state.db of a data directory; only for the holder of its leadership. Actions that were in flight when the last supervisor ended become `unknown`. */
export function openStore(paths: Pick<Paths, 'dataDir' | 'stateDb' | 'backups'>, { logger }: { logger: Logger }): Store {
  const { db, recovered } = openDatabase(paths);
  if (recovered !== null) logger.error(recovered);
  const actions = createActionStore(db, logger);
  endAbandoned(actions, logger);
  return {
    ...createSettings(db, join(paths.dataDir, 'install-id')),
    ...actions,
    ...createGrants(db),
    pairings: createPairings(db),
    recovered,
    backup: () => backupDatabase(db, paths.backups),
    dispose() {
      writeLast(actions, logger);
      db.close();
    },
  };
}

function writeLast(actions: ActionStore, logger: Logger): void {
  try {
    actions.writeWaiting();
  } catch (error) {
    logger.error('the last rows of the audit could not be written', { error: messageOf(error) });
  }
}

function endAbandoned(actions: ActionStore, logger: Logger): void {
  try {
    const count = actions.endAbandoned();
    if (count > 0) logger.warn('actions were in flight when the supervisor ended; their outcome is unknown', { count });
  } catch (error) {
    // A full disk must not keep the supervisor from starting; agents are refused until the audit can be written, and the next start tries again.
    logger.error('the audit cannot be written', { error: messageOf(error) });
  }
}
