import type { Config, HostConfig } from './config.ts';
import { approvalRisk } from './approvalPolicy.ts';
import type { Risk } from './commandRisk.ts';
import { readPrompt, type PromptInput } from './promptReading.ts';
import type { Fact } from './facts.ts';
import { allSessions, findHost, newSession, selectedRef, withHost, withSession, type Fleet, type Host, type RemoteSession } from './fleet.ts';
import { isSessionId, type SessionId, type SessionRef } from './ids.ts';
import { isTypedClaim, type Ownership } from './ownership.ts';
import type { Evidence, ObservedSession, OwnershipMark, TmuxServer } from './remoteSession.ts';
import { applyControl, select } from './selection.ts';
import type { Markers } from './markers.ts';
import { readState, type StateInput } from './stateReading.ts';
import { isTooOldToGuard } from './tmuxVersion.ts';

/** What the domain asks to be done at a remote; the answer comes back as a fact. */
export type Effect =
  | { kind: 'adopt'; ref: SessionRef }
  | { kind: 'claim'; ref: SessionRef }
  | { kind: 'release'; ref: SessionRef }
  /** Make a detached `cockpit-main` on an empty host (DISC-4). */
  | { kind: 'create-main'; alias: string };

/** Who reduces: time, this cockpit's id and the signs of states come from outside. */
export type ReduceContext = { nowMs: number; install: string; markers?: Markers };

/** The fleet after a fact, and what has to be done for it. Pure: the same input gives the same output. */
export function reduce(fleet: Fleet, fact: Fact, context: ReduceContext): { fleet: Fleet; effects: Effect[] } {
  const next = apply(fleet, fact, context);
  return { fleet: next, effects: [...mainEffects(fleet, next, fact), ...ownershipEffects(next)] };
}

function apply(fleet: Fleet, fact: Fact, context: ReduceContext): Fleet {
  switch (fact.kind) {
    case 'configured':
      return configure(fleet, fact.config, fact.remembered);
    case 'host-link':
      return withHost(fleet, fact.alias, (host) => linked(host, fact.link, fact.error, context));
    case 'host-machine':
      return withHost(fleet, fact.alias, (host) => ({ ...host, machine: fact.machine, tmuxVersion: fact.tmuxVersion }));
    case 'host-sessions':
      return withHost(fleet, fact.alias, (host) => ({ ...listed(host, fact.server, fact.sessions, context), tmuxVersion: fact.tmuxVersion ?? host.tmuxVersion }));
    case 'main-failed':
      return withHost(fleet, fact.alias, (host) => (host.sessions.length === 0 ? { ...host, emptyBecause: fact.why } : host));
    case 'screen':
      return withSession(fleet, { alias: fact.alias, id: fact.id }, (session) => ({
        ...session,
        ...readingOf(session, { title: fact.title, command: fact.command, screenText: fact.text, ...(fact.cursor ? { cursor: fact.cursor } : {}), ...(fact.width === undefined ? {} : { width: fact.width }) }, context),
      }));
    case 'ownership':
      return withSession(fleet, { alias: fact.alias, id: fact.id }, (session) => ({
        ...session,
        observed: { ...session.observed, mark: fact.mark },
        ownership: ownershipOf(session.ownership, fact.mark, fact.server, context),
        refusal: session.observed.mark.owner === fact.mark.owner ? session.refusal : null,
      }));
    case 'used':
      return withSession(fleet, { alias: fact.alias, id: fact.id }, (session) => ({ ...session, usedAtMs: context.nowMs }));
    case 'wrote': {
      const refusal = fact.refused === null ? null : { tool: fact.tool, reason: fact.refused, atMs: context.nowMs };
      return withSession(fleet, { alias: fact.alias, id: fact.id }, (session) => (session.refusal === refusal ? session : { ...session, refusal }));
    }
    case 'agent':
      return withKey(fleet, fact.key, (session) => ({ ...session, agent: fact.status }));
    case 'nudges':
      return withKey(fleet, fact.key, (session) => ({ ...session, nudges: fact.nudges }));
    case 'noticed':
      return fleet;
    case 'account':
      return withKey(fleet, fact.key, (session) => ({ ...session, account: fact.account }));
    case 'control':
      return applyControl(fleet, fact.control);
    case 'selected': {
      const next = select(fleet, fact.alias, fact.id, fact.focus);
      const shown = selectedRef(next);
      return fact.focus === 'agent' && shown ? giveBack(next, shown) : next;
    }
    case 'given-back':
      return giveBack(fleet, { alias: fact.alias, id: fact.id });
  }
}

/** A claim by a key at the remote holds no longer; what follows is a release like any other. */
function giveBack(fleet: Fleet, ref: SessionRef): Fleet {
  return withSession(fleet, ref, (session) => (session.observed.mark.typed ? { ...session, observed: { ...session.observed, mark: { ...session.observed.mark, typed: false } } } : session));
}

function withKey(fleet: Fleet, key: string, change: (session: RemoteSession) => RemoteSession): Fleet {
  return { ...fleet, hosts: fleet.hosts.map((host) => ({ ...host, sessions: host.sessions.map((session) => (session.key === key ? change(session) : session)) })) };
}

function configure(fleet: Fleet, config: Config, { wake, selected }: Extract<Fact, { kind: 'configured' }>['remembered']): Fleet {
  const hosts = config.hosts.map((hostConfig): Host => {
    const old = findHost(fleet, hostConfig.alias);
    if (old && placeOf(old.config) === placeOf(hostConfig)) return { ...old, config: hostConfig, wake: old.config.wake === hostConfig.wake ? old.wake : hostConfig.wake };
    const switched = wake[hostConfig.alias];
    const selectedId = selected[hostConfig.alias];
    return {
      config: hostConfig,
      link: 'connecting',
      error: null,
      emptyBecause: null,
      machine: null,
      tmuxVersion: null,
      server: null,
      // A switch that was turned since holds until the configuration itself says something else.
      wake: switched?.configured === hostConfig.wake ? switched.isOn : hostConfig.wake,
      sessions: [],
      selectedId: selectedId !== undefined && isSessionId(selectedId) ? selectedId : null,
      listedAtMs: null,
    };
  });
  const kept = hosts.some((host) => host.config.alias === fleet.selectedAlias);
  return { ...fleet, hosts, selectedAlias: kept ? fleet.selectedAlias : (hosts[0]?.config.alias ?? null) };
}

/** Where a host's sessions are: in another place it has others, and what was seen of the old ones says nothing of them. */
function placeOf(host: HostConfig): string {
  return JSON.stringify([host.sshTarget, host.transport, host.tmuxSocket]);
}

/** State and evidence of a session as they are now, and since when the state holds. */
function readingOf(old: RemoteSession, seen: Pick<StateInput, 'title' | 'command' | 'screenText' | 'cursor' | 'width'>, context: ReduceContext): Pick<RemoteSession, 'state' | 'evidence' | 'stateSinceMs' | 'asks'> {
  const reading = readState({ ...seen, online: true, atMs: context.nowMs, previous: old.evidence, ...(context.markers ? { markers: context.markers } : {}) });
  const goesOn = reading.state === old.state && (reading.state !== 'needs-input' || askedIn(reading.evidence) === askedIn(old.evidence));
  const asks = seen.screenText === null ? old.asks : riskAsked({ ...seen, text: seen.screenText }, context.markers);
  return { ...reading, asks, stateSinceMs: goesOn ? old.stateSinceMs : context.nowMs };
}

function riskAsked(screen: PromptInput, markers?: Markers): Risk | null {
  const prompt = readPrompt(screen, markers);
  return prompt.kind === 'approval' ? approvalRisk(prompt).risk : null;
}

/** What the screen asks: another question has its own waiting time. */
function askedIn(evidence: Evidence[]): string | undefined {
  return evidence.find(({ source, says }) => source === 'screen' && says === 'needs-input')?.value;
}

function linked(host: Host, link: Host['link'], error: string | null, context: ReduceContext): Host {
  if (link === 'online') return { ...host, link, error };
  const sessions = host.sessions.map((session): RemoteSession => ({ ...session, ownership: { kind: 'unread' }, ...(link === 'offline' ? offline(session, error, context) : {}) }));
  return { ...host, link, error, sessions };
}

/** What was known stays beside it: that is how it was when the connection went. */
function offline(session: RemoteSession, error: string | null, context: ReduceContext): Partial<RemoteSession> {
  if (session.state === 'offline') return {};
  return { state: 'offline', stateSinceMs: context.nowMs, evidence: [{ source: 'link', says: 'offline', value: error ?? 'no connection', atMs: context.nowMs }, ...session.evidence] };
}

function listed(host: Host, server: TmuxServer | null, observed: ObservedSession[], context: ReduceContext): Host {
  const alias = host.config.alias;
  const sessions = observed.map((seen): RemoteSession => {
    const old = host.sessions.find((session) => session.observed.id === seen.id) ?? newSession(alias, seen, '', context.nowMs);
    const ownership = server === null ? { kind: 'unread' as const } : ownershipOf(old.ownership, seen.mark, server, context);
    const reading =
      old.state === 'offline' || old.observed.paneTitle !== seen.paneTitle || old.observed.paneCommand !== seen.paneCommand
        ? readingOf(old, { title: seen.paneTitle, command: seen.paneCommand, screenText: null }, context)
        : {};
    return { ...old, observed: seen, ownership, ...reading };
  });
  return { ...host, server, sessions, emptyBecause: sessions.length === 0 ? host.emptyBecause : null, listedAtMs: context.nowMs, selectedId: keepSelected(host, sessions) };
}

/** The selected session, or when it went away its neighbour in the old order, or the first. */
function keepSelected(host: Host, sessions: RemoteSession[]): SessionId | null {
  const alive = (id: SessionId | undefined) => sessions.some((session) => session.observed.id === id);
  if (host.selectedId !== null && alive(host.selectedId)) return host.selectedId;
  const at = host.sessions.findIndex((session) => session.observed.id === host.selectedId);
  const near = [...host.sessions.slice(at + 1), ...host.sessions.slice(0, Math.max(at, 0)).reverse()].find((session) => alive(session.observed.id));
  return near?.observed.id ?? sessions[0]?.observed.id ?? null;
}

function ownershipOf(old: Ownership, mark: OwnershipMark, server: TmuxServer, context: ReduceContext): Ownership {
  if (mark.owner === '') return { kind: 'unread' };
  const [owner, install] = split(mark.owner);
  if (install !== context.install) return { kind: 'foreign', supervisor: mark.supervisor || install, epoch: mark.epoch };
  const same = old.kind === 'ours' && old.owner === owner && old.epoch === mark.epoch && old.server.pid === server.pid && old.server.startTime === server.startTime;
  if (same) return old;
  const sinceMs = old.kind === 'ours' && old.owner === owner ? old.sinceMs : context.nowMs;
  return { kind: 'ours', owner, epoch: mark.epoch, server, sinceMs };
}

function split(owner: string): ['human' | 'agent', string] {
  const colon = owner.indexOf(':');
  return [owner.slice(0, colon) === 'human' ? 'human' : 'agent', owner.slice(colon + 1)];
}

/** Level-triggered: whatever differs from what the view wants is asked for; the runner keeps one request per session in flight. */
export function ownershipEffects(fleet: Fleet): Effect[] {
  const shown = fleet.focus === 'remote' ? selectedRef(fleet) : null;
  return allSessions(fleet).flatMap(({ ref, host, session }): Effect[] => {
    if (host.link !== 'online' || isTooOldToGuard(host.tmuxVersion)) return [];
    const wanted = shown?.alias === ref.alias && shown.id === ref.id ? 'human' : 'agent';
    const { ownership } = session;
    if (ownership.kind === 'foreign') return [];
    if (ownership.kind === 'unread') return session.observed.mark.owner === '' ? [{ kind: 'adopt', ref }] : [];
    const isTyped = host.config.claimOnAnyKey && isTypedClaim(session);
    // On view it becomes a claim like any other.
    if (ownership.owner === wanted) return isTyped ? [{ kind: 'claim', ref }] : [];
    if (isTyped) return [];
    return [{ kind: wanted === 'human' ? 'claim' : 'release', ref }];
  });
}

/** `cockpit-main` for an empty host (DISC-4): when it is listed for the first time, and over ssh whenever it is empty in agent focus, whichever of the two came last. */
function mainEffects(before: Fleet, after: Fleet, fact: Fact): Effect[] {
  const isListed = fact.kind === 'host-sessions';
  const alias = isListed ? fact.alias : after.selectedAlias;
  const host = alias === null ? undefined : findHost(after, alias);
  if (alias === null || host?.link !== 'online' || host.listedAtMs === null || host.sessions.length > 0) return [];
  const isFirst = isListed && findHost(before, alias)?.listedAtMs === null;
  const isNew = isListed || (inAgentFocus(after, alias) && !inAgentFocus(before, alias));
  return isFirst || (isNew && host.config.transport !== 'local' && inAgentFocus(after, alias)) ? [{ kind: 'create-main', alias }] : [];
}

function inAgentFocus(fleet: Fleet, alias: string): boolean {
  return fleet.selectedAlias === alias && fleet.focus === 'agent';
}
