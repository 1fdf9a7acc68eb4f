import { findHost, withHost, type Fleet, type Focus } from './fleet.ts';
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

function nextAttention(fleet: Fleet): Fleet {
  const all = fleet.hosts.flatMap((host) => host.sessions.map((session) => ({ alias: host.config.alias, host, session })));
  const at = all.findIndex((row) => row.alias === fleet.selectedAlias && row.session.observed.id === row.host.selectedId);
  const ordered = [...all.slice(at + 1), ...all.slice(0, at + 1)];
  const next = ordered.find((row) => needsPerson(row.session));
  return next ? select(fleet, next.alias, next.session.observed.id, null) : fleet;
}

function neighbour<T>(items: T[], isCurrent: (item: T) => boolean, step: 1 | -1): T | undefined {
  if (items.length === 0) return undefined;
  const at = items.findIndex(isCurrent);
  if (at < 0) return items[0];
  return items[(at + step + items.length) % items.length];
}
