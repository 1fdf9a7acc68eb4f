import type { ObservedSession, TmuxServer } from '../domain/remoteSession.ts';
import { titleWithoutNoise } from '../domain/screenNoise.ts';

/** What a host has: its tmux server and the managed sessions on it. */
export type ManagedListing = { server: TmuxServer | null; sessions: ObservedSession[] };

/** Sessions that cockpit manages (DISC-3), in the order in which they were made: tmux lists them by name, and a rename must not move them. */
export function managedOf(server: TmuxServer | null, sessions: ObservedSession[]): ManagedListing {
  const managed = sessions.filter((session) => session.name.startsWith('cockpit-'));
  return { server, sessions: managed.sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1))) };
}

/** Whether two listings tell the same; a spinner that turned in a title is no news. */
export function sameListing(a: ManagedListing | null, b: ManagedListing): boolean {
  return a !== null && keyOf(a) === keyOf(b);
}

/** Whether both were told by the same life of a tmux server (DISC-5). */
export function sameServer(a: TmuxServer | null, b: TmuxServer | null): boolean {
  return a?.pid === b?.pid && a?.startTime === b?.startTime;
}

function keyOf(listing: ManagedListing): string {
  return JSON.stringify([listing.server, listing.sessions.map((session) => ({ ...session, paneTitle: titleWithoutNoise(session.paneTitle) }))]);
}
