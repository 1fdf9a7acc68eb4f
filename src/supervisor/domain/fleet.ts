import type { PendingRotation } from './account.ts';
import type { AgentStatus } from './agent.ts';
import type { Risk } from './commandRisk.ts';
import type { HostConfig } from './config.ts';
import type { HostMachine, LinkState } from './facts.ts';
import { sessionKey, type SessionId, type SessionRef } from './ids.ts';
import type { Ownership, RefusalReason } from './ownership.ts';
import type { Evidence, ObservedSession, SessionState, TmuxServer } from './remoteSession.ts';

/** Which half of the selected pair has the operator's attention. */
export type Focus = 'remote' | 'agent';

/** One managed session and all that is known of it. */
export type RemoteSession = {
  key: string;
  observed: ObservedSession;
  ownership: Ownership;
  state: SessionState;
  evidence: Evidence[];
  /** Monotonic ms since when the state is what it is. */
  stateSinceMs: number;
  /** Risk of the approval on the screen; null where none is. */
  asks: Risk | null;
  agent: AgentStatus;
  nudges: Nudges;
  account: SessionAccount;
  /** Monotonic ms when a key was last seen in it while the human owned it; null for never. */
  usedAtMs: number | null;
  /** The agent's last write, if it was refused and nothing has changed hands since. */
  refusal: Refusal | null;
};

/** A write of the agent that was refused, and when (monotonic ms). */
export type Refusal = { tool: string; reason: RefusalReason; atMs: number };

/** Nudges of a session's agent so far (WAKE-4); `off` says why there are no more, or is null. */
export type Nudges = { sent: number; useful: number; tokens: number; off: string | null };

/** The account of a session's agent, the move to another one that waits, and why nothing is tried (or null) (ACCT-4, ACCT-6). */
export type SessionAccount = { key: string | null; /** the account that its remote Codex got from cockpit (MCP-7) */ remote: string | null; pending: PendingRotation | null; /** it is the agent that waits, not the remote */ waits: boolean; held: string | null };

/** One configured host. Sessions are in the order in which tmux made them. */
export type Host = {
  config: HostConfig;
  link: LinkState;
  error: string | null;
  /** Why an empty host stays empty; null when that is as it should be. */
  emptyBecause: string | null;
  machine: HostMachine | null;
  tmuxVersion: string | null;
  server: TmuxServer | null;
  wake: boolean;
  sessions: RemoteSession[];
  selectedId: SessionId | null;
  /** Monotonic ms of the last listing; null before the first. */
  listedAtMs: number | null;
};

/** Everything that cockpit knows at one moment. Values are replaced, never changed. */
export type Fleet = { hosts: Host[]; selectedAlias: string | null; focus: Focus };

export const emptyFleet: Fleet = { hosts: [], selectedAlias: null, focus: 'agent' };

export function findHost(fleet: Fleet, alias: string): Host | undefined {
  return fleet.hosts.find((host) => host.config.alias === alias);
}

export function findSession(fleet: Fleet, ref: SessionRef): RemoteSession | undefined {
  return findHost(fleet, ref.alias)?.sessions.find((session) => session.observed.id === ref.id);
}

/** The session on view: the selected one of the selected host. */
export function selectedRef(fleet: Fleet): SessionRef | null {
  const host = fleet.selectedAlias === null ? undefined : findHost(fleet, fleet.selectedAlias);
  return host?.selectedId ? { alias: host.config.alias, id: host.selectedId } : null;
}

/** All managed sessions with their refs, in host order. */
export function allSessions(fleet: Fleet): { ref: SessionRef; host: Host; session: RemoteSession }[] {
  return fleet.hosts.flatMap((host) =>
    host.sessions.map((session) => ({ ref: { alias: host.config.alias, id: session.observed.id }, host, session })),
  );
}

/** The fleet with one host replaced. */
export function withHost(fleet: Fleet, alias: string, change: (host: Host) => Host): Fleet {
  return { ...fleet, hosts: fleet.hosts.map((host) => (host.config.alias === alias ? change(host) : host)) };
}

/** The fleet with one session replaced. */
export function withSession(fleet: Fleet, ref: SessionRef, change: (session: RemoteSession) => RemoteSession): Fleet {
  return withHost(fleet, ref.alias, (host) => ({
    ...host,
    sessions: host.sessions.map((session) => (session.observed.id === ref.id ? change(session) : session)),
  }));
}

/** A session that was seen for the first time. */
export function newSession(alias: string, observed: ObservedSession, model: string, nowMs = 0): RemoteSession {
  return {
    key: sessionKey({ alias, id: observed.id }),
    observed,
    ownership: { kind: 'unread' },
    state: 'unknown',
    evidence: [],
    stateSinceMs: nowMs,
    asks: null,
    agent: { state: 'not-started', threadId: null, model, tokens: 0, error: null },
    nudges: { sent: 0, useful: 0, tokens: 0, off: null },
    account: { key: null, remote: null, pending: null, waits: false, held: null },
    usedAtMs: null,
    refusal: null,
  };
}
