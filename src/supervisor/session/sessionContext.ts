import type { RemoteAuthAsk } from '../accounts/remoteAuth.ts';
import type { ActionStore } from '../adapters/store/actions.ts';
import type { Clock } from '../base/clock.ts';
import type { Event } from '../base/event.ts';
import type { AgentLimit } from '../domain/approvalPolicy.ts';
import type { Fact } from '../domain/facts.ts';
import { findHost, findSession, type Fleet, type Host, type RemoteSession } from '../domain/fleet.ts';
import type { Markers } from '../domain/markers.ts';
import type { PaneId, SessionRef } from '../domain/ids.ts';
import type { TmuxServer } from '../domain/remoteSession.ts';
import { HumanError } from '../base/errors.ts';
import type { HostLink } from '../hosts/hostLink.ts';
import type { RemoteAuthResult } from '../protocol/sessionTools.ts';

/** What the tools of a session work with. */
export type SessionDeps = {
  clock: Clock;
  install: string;
  fleet(): Fleet;
  /** The signs that screens are read by. */
  markers(): Markers;
  /** Up to which risk the agent may approve on hosts with `approvals: ask`. */
  agentMayApprove(): AgentLimit;
  link(alias: string): HostLink | undefined;
  observe(fact: Fact): void;
  actions: ActionStore;
  installLogin(ask: RemoteAuthAsk): Promise<RemoteAuthResult>;
  /** An action on the session of this key has its outcome. */
  didAct(key: string, accepted: boolean): void;
  onDidChangeFleet: Event<unknown>;
  /** Fires when a nudge for this key comes, so that a waiting call ends first (WAKE-3). */
  onWillNudge: Event<string>;
};

/** Ownership and control target as the reader of one grant last saw them (OWN-4): a write goes to the pane that was read, or nowhere. */
export type Observed = { /** as the mark says it */ owner: string; epoch: number; server: TmuxServer; paneId: PaneId };

/** One grant's view of one session: the deps, the session, and what its reader observed. */
export type SessionContext = {
  deps: SessionDeps;
  ref: SessionRef;
  /** Who acts, for the audit: `agent`, `grant`, or `human` for the operator by a command. */
  actor: string;
  observed: Observed | null;
  /** The screen when the reader last looked in any way: what differs from it is a change to wait for. */
  lastLookText: string | null;
  /** The screen that the reader was last given as text: its next delta starts there. */
  lastSeenText: string | null;
  /** Fingerprint of the approval that the reader saw last. */
  lastFingerprint: string | null;
};

/** The session's present row, or an error that says what to do. */
export function currentSession(context: SessionContext): { host: Host; session: RemoteSession } {
  const fleet = context.deps.fleet();
  const host = findHost(fleet, context.ref.alias);
  const session = findSession(fleet, context.ref);
  if (!host || !session) throw sessionGone(context);
  return { host, session };
}

/** The host's open link, or an error that says what to do. */
export function openLink(context: SessionContext): HostLink {
  const link = context.deps.link(context.ref.alias);
  if (!link?.isOnline) throw linkDown(context);
  return link;
}

/** The session is gone. */
export function sessionGone({ ref }: SessionContext, cause?: unknown): HumanError {
  return new HumanError('session-gone', `The remote session ${ref.alias}/${ref.id} no longer exists. End your turn; you are told when it returns.`, { cause });
}

/** The link is down; `wait_for_change` waits for it. */
export function linkDown({ ref }: SessionContext, cause?: unknown): HumanError {
  return new HumanError('link-down', `The connection to ${ref.alias} is down. It comes back by itself; call wait_for_change.`, { cause });
}
