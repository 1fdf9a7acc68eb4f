import { findHost, withHost, type Fleet, type Focus, type Host, type RemoteSession } from './fleet.ts';
import type { SessionId } from './ids.ts';

/** What a person asks of the view (KEY-1, CTL-1). */
export const controls = ['next-host', 'previous-host', 'next-session', 'previous-session', 'toggle-focus', 'toggle-wake', 'next-attention'] as const;
export type Control = (typeof controls)[number];

/** The fleet after a control; pure. Cycling wraps; the focus mode is kept over hosts and sessions (KEY-2). */
export function applyControl(fleet: Fleet, control: Control): Fleet {
  switch (control) {
    case 'next-host':
      return cycleHost(fleet, 1);
    case 'previous-host':
      return cycleHost(fleet, -1);
    case 'next-session':
      return cycleSession(fleet, 1);
    case 'previous-session':
      return cycleSession(fleet, -1);
    case 'toggle-focus':
      return { ...fleet, focus: fleet.focus === 'remote' ? 'agent' : 'remote' };
    case 'toggle-wake':
      return fleet.selectedAlias === null ? fleet : withHost(fleet, fleet.selectedAlias, (host) => ({ ...host, wake: !host.wake }));
    case 'next-attention':
      return nextAttention(fleet);
  }
}

/** Selects a host and, if given, one of its sessions and the focus. Unknown ones change nothing. */
export function select(fleet: Fleet, alias: string, id: SessionId | null, focus: Focus | null): Fleet {
  const host = findHost(fleet, alias);
  if (!host) return fleet;
  const known = id !== null && host.sessions.some((session) => session.observed.id === id);
  const chosen = known ? withHost(fleet, alias, (old) => ({ ...old, selectedId: id })) : fleet;
  return { ...chosen, selectedAlias: alias, focus: focus ?? fleet.focus };
}

/** Whether a session waits for a person. */
export function needsPerson(session: { state: string }): boolean {
  return session.state === 'needs-input' || session.state === 'auth-needed' || session.state === 'out-of-tokens' || session.state === 'error';
}

function cycleHost(fleet: Fleet, step: 1 | -1): Fleet {
  const next = neighbour(fleet.hosts, (host) => host.config.alias === fleet.selectedAlias, step);
  return next ? { ...fleet, selectedAlias: next.config.alias } : fleet;
}

function cycleSession(fleet: Fleet, step: 1 | -1): Fleet {
  const host = fleet.selectedAlias === null ? undefined : findHost(fleet, fleet.selectedAlias);
  const next = host && neighbour(host.sessions, (session) => session.observed.id === host.selectedId, step);
  return host && next ? withHost(fleet, host.config.alias, (old) => ({ ...old, selectedId: next.observed.id })) : fleet;
}

/** All sessions that wait for a person, the one that has waited longest first. */
export function waiting(fleet: Fleet): { host: Host; session: RemoteSession }[] {
  const rows = fleet.hosts.flatMap((host) => host.sessions.filter(needsPerson).map((session) => ({ host, session })));
  return rows.sort((a, b) => a.session.stateSinceMs - b.session.stateSinceMs);
}

/** The one that has waited longest, and from one of them the next. */
function nextAttention(fleet: Fleet): Fleet {
  const rows = waiting(fleet);
  const at = rows.findIndex(({ host, session }) => host.config.alias === fleet.selectedAlias && session.observed.id === host.selectedId);
  const next = rows[(at + 1) % rows.length];
  return next ? select(fleet, next.host.config.alias, next.session.observed.id, null) : fleet;
}

function neighbour<T>(items: T[], isCurrent: (item: T) => boolean, step: 1 | -1): T | undefined {
  if (items.length === 0) return undefined;
  const at = items.findIndex(isCurrent);
  if (at < 0) return items[0];
  return items[(at + step + items.length) % items.length];
}
