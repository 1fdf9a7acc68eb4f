import type { StatusLine } from '../adapters/tmux/local/statusLine.ts';
import { claimIdleMs, isForgotten } from '../domain/claim.ts';
import { findHost, selectedRef, findSession, type Fleet, type Host, type RemoteSession } from '../domain/fleet.ts';
import { needsPerson } from '../domain/selection.ts';
import { ownerOf } from '../statusOf.ts';

/** What the terminal says: notices, who needs a person and the wake switch on the status line; the session, who writes and the agent's state over the halves. */
export function statusText(fleet: Fleet, notices: readonly string[], nowMs: number): Required<StatusLine> {
  const host = fleet.selectedAlias === null ? undefined : findHost(fleet, fleet.selectedAlias);
  const needs = fleet.hosts.flatMap((row) => row.sessions).filter(needsPerson).length;
  const ref = selectedRef(fleet);
  const session = ref ? findSession(fleet, ref) : undefined;
  return {
    left: noticeText(notices),
    right: [needs === 0 ? '' : `${needs} need you`, host ? (host.wake ? 'Wake remote' : 'Wake off') : ''].filter(Boolean).join('  '),
    remote: host ? remoteText(host, session, nowMs) : '',
    agent: session ? agentText(session) : '',
  };
}

function noticeText(notices: readonly string[]): string {
  const last = notices.at(-1);
  if (last === undefined) return '';
  return notices.length === 1 ? `! ${last}` : `! ${notices.length} notices: ${last}`;
}

function remoteText(host: Host, session: RemoteSession | undefined, nowMs: number): string {
  const link = host.link === 'online' ? '' : (host.error ?? host.link);
  if (!session) return link || (host.emptyBecause === null ? 'no sessions' : `no sessions: ${host.emptyBecause}`);
  const place = host.sessions.length === 1 ? '' : ` (${host.sessions.indexOf(session) + 1}/${host.sessions.length})`;
  return `${session.observed.name}${place}  ${needsPerson(session) ? '!' : ''}${session.state}  ${link || writerText(session, nowMs)}`;
}

function writerText(session: RemoteSession, nowMs: number): string {
  const { ownership } = session;
  switch (ownerOf(session)) {
    case 'human':
      return isForgotten(session, nowMs) ? `you write, no key for ${Math.floor((claimIdleMs(session, nowMs) ?? 0) / 60_000)} min (F3 gives it back)` : 'you write';
    case 'agent':
      return 'agent writes';
    case 'foreign':
      return `supervised by ${ownership.kind === 'foreign' ? ownership.supervisor : 'another cockpit'}`;
    case 'unread':
      return 'nobody writes yet';
  }
}

function agentText({ agent, nudges }: RemoteSession): string {
  const why = agent.error ?? (nudges.off === null ? '' : `no more nudges: ${nudges.off}`);
  return why === '' ? agent.state : `${agent.state}: ${why}`;
}
