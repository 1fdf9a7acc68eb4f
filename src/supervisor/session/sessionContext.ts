import type { ActionStore } from '../adapters/store/actions.ts';
import type { Clock } from '../base/clock.ts';
import type { Event } from '../base/event.ts';
import type { Fact } from '../domain/facts.ts';
import { findHost, findSession, type Fleet, type Host, type RemoteSession } from '../domain/fleet.ts';
import type { SessionRef } from '../domain/ids.ts';
import type { TmuxServer } from '../domain/remoteSession.ts';
import { HumanError } from '../base/errors.ts';
import type { HostLink } from '../hosts/hostLink.ts';

/** What the tools of a session work with. */
export type SessionDeps = {
  clock: Clock;
  install: string;
  fleet(): Fleet;
  link(alias: string): HostLink | undefined;
  observe(fact: Fact): void;
  actions: ActionStore;
  /** An action on the session of this key has its outcome. */
  didAct(key: string, accepted: boolean): void;
  onDidChangeFleet: Event<unknown>;
  /** Fires when a nudge for this key comes, so that a waiting call ends first (WAKE-3). */
  onWillNudge: Event<string>;
};

/** Ownership as the reader of one grant last saw it (OWN-4). */
export type Observed = { epoch: number; server: TmuxServer };

/** One grant's view of one session: the deps, the session, and what its reader observed. */
export type SessionContext = {
  deps: SessionDeps;
  ref: SessionRef;
  /** Who acts, for the audit: `agent` or `grant`. */
  actor: string;
  observed: Observed | null;
  /** Text that the reader saw last, for deltas. */
  lastSeenText: string | null;
  /** Fingerprint of the approval that the reader saw last. */
  lastFingerprint: string | null;
  /** End of the writes so far: the next one starts behind it, so that two calls never mix their steps. */
  tail: Promise<void>;
};

/** The session's present row, or an error that says what to do. */
export function currentSession(context: SessionContext): { host: Host; session: RemoteSession } {
  const fleet = context.deps.fleet();
  const host = findHost(fleet, context.ref.alias);
  const session = findSession(fleet, context.ref);
  if (!host || !session) {
    throw new HumanError('session-gone', `The remote session ${context.ref.alias}/${context.ref.id} no longer exists. End your turn; you are told when it returns.`);
  }
  return { host, session };
}

/** The host's open link, or an error that says what to do. */
export function openLink(context: SessionContext): HostLink {
  const link = context.deps.link(context.ref.alias);
  if (!link?.isOnline) {
    throw new HumanError('link-down', `The connection to ${context.ref.alias} is down. It comes back by itself; call wait_for_change.`);
  }
  return link;
}
