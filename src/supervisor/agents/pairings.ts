import { createToken } from '../adapters/store/grants.ts';
import type { Pairings } from '../adapters/store/pairings.ts';
import type { Clock } from '../base/clock.ts';
import { allSessions, findHost, type Fleet } from '../domain/fleet.ts';
import { sessionKey } from '../domain/ids.ts';

/**
 * Keeps the stored pairings in step with the fleet (PAIR-2, DISC-5): a session that is ours has one, a vanished session's is archived and comes back with the
 * same id. Only what changed is written.
 */
export function syncPairings(fleet: Fleet, pairings: Pairings, clock: Clock): void {
  const stored = new Map(pairings.list({ includeArchived: true }).map((pairing) => [pairing.key, pairing]));
  for (const { ref, session } of allSessions(fleet)) {
    if (session.ownership.kind !== 'ours') continue;
    const { server, epoch } = session.ownership;
    const old = stored.get(session.key);
    const isSame = old?.archivedAt === null && old.name === session.observed.name && old.serverPid === server.pid && old.serverStartTime === server.startTime && old.lastEpoch >= epoch;
    if (isSame) continue;
    pairings.upsert({
      key: session.key,
      alias: ref.alias,
      sessionId: ref.id,
      name: session.observed.name,
      threadId: old?.threadId ?? null,
      mcpToken: old?.mcpToken ?? createToken(),
      createdAt: old?.createdAt ?? clock.isoNow(),
      archivedAt: null,
      serverPid: server.pid,
      serverStartTime: server.startTime,
      lastEpoch: epoch,
    });
  }
  for (const pairing of stored.values()) if (pairing.archivedAt === null && isGone(fleet, pairing)) pairings.archive(pairing.key, clock.isoNow());
}

/** Gone for sure: its host is no longer configured, or was listed without it. A host that is away says nothing about its sessions. */
function isGone(fleet: Fleet, pairing: { alias: string; sessionId: `$${number}`; key: string }): boolean {
  const host = findHost(fleet, pairing.alias);
  if (!host) return true;
  if (host.link !== 'online' || host.listedAtMs === null) return false;
  return !host.sessions.some((session) => session.key === sessionKey({ alias: pairing.alias, id: pairing.sessionId }));
}
