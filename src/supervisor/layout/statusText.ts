import { findHost, selectedRef, findSession, type Fleet } from '../domain/fleet.ts';
import { needsPerson } from '../domain/selection.ts';
import { claimAgeMs, ownerOf } from '../statusOf.ts';

/** A claim that was not used for so long is called forgotten (OWN-10). */
const forgottenAfterMs = 15 * 60_000;

/** The two sides of the terminal's status line: what is shown and who writes, then wake and who needs a person. */
export function statusText(fleet: Fleet, nowMs: number): { left: string; right: string } {
  const host = fleet.selectedAlias === null ? undefined : findHost(fleet, fleet.selectedAlias);
  const needs = fleet.hosts.flatMap((row) => row.sessions).filter(needsPerson).length;
  const right = [needs === 0 ? '' : `${needs} need you`, host ? (host.wake ? 'Wake remote' : 'Wake off') : ''].filter(Boolean).join('  ');
  return { left: host ? shownText(fleet, nowMs) : 'no host', right };
}

function shownText(fleet: Fleet, nowMs: number): string {
  const ref = selectedRef(fleet);
  const session = ref && findSession(fleet, ref);
  const host = findHost(fleet, fleet.selectedAlias ?? '');
  if (!session) return `${fleet.selectedAlias ?? ''}: ${host?.link === 'online' ? 'no sessions' : (host?.error ?? host?.link ?? '')}`;
  const owner = ownerOf(session);
  const age = claimAgeMs(session, nowMs) ?? 0;
  const writes = { human: age > forgottenAfterMs ? 'you write (F3 gives it back)' : 'you write', agent: 'agent writes', foreign: 'another cockpit supervises', unread: 'nobody writes yet' }[owner];
  return `${session.observed.name} ${session.state}, ${writes}`;
}
