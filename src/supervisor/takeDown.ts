import { z } from 'zod';
import { endMasters } from './adapters/shell/endMasters.ts';
import { acquireLeadership } from './adapters/store/leadership.ts';
import { openStore, type Store } from './adapters/store/store.ts';
import { endServers } from './adapters/tmux/local/endServers.ts';
import { endRecordedAgents } from './agents/endRecordedAgents.ts';
import { messageOf } from './base/errors.ts';
import type { Logger } from './base/logger.ts';
import type { Paths } from './protocol/paths.ts';

/** Takes a cockpit down whose supervisor is gone: what a killed one left is ended, and nobody takes over. `supervised`: a supervisor owns the data directory, ask that one. */
export async function takeDown(paths: Paths, logger: Logger): Promise<'ended' | 'was-down' | 'supervised'> {
  const leadership = acquireLeadership(paths.leaderDb);
  if (leadership === null) return 'supervised';
  try {
    const store = openStore(paths, { logger });
    // What a backup says of it is not what happened last.
    const wasDown = store.recovered === null && store.getSetting('down', z.boolean()) === true;
    if (!wasDown) recordDown(store, logger);
    store.dispose();
    await endLeftovers(paths, logger);
    return wasDown ? 'was-down' : 'ended';
  } finally {
    leadership.release();
  }
}

function recordDown(store: Store, logger: Logger): void {
  try {
    store.setSetting('down', true);
  } catch (error) {
    // With a full disk everything ends all the same.
    logger.error('that the cockpit is down could not be recorded', { error: messageOf(error) });
  }
}

/** Ends everything of cockpit that runs on this machine but the supervisor; who keeps it must have let go. One that does not end keeps no other from ending. */
export async function endLeftovers(paths: Paths, logger: Logger): Promise<void> {
  for (const end of [() => endServers(paths), () => endRecordedAgents(paths, logger), () => endMasters(paths.masters, { logger })]) {
    try {
      await end();
    } catch (error) {
      logger.error('something of cockpit did not end', { error: messageOf(error) });
    }
  }
}
