import { join } from 'node:path';
import { claimAgeMs, claimIdleMs } from './domain/claim.ts';
import type { Fleet, Host, RemoteSession } from './domain/fleet.ts';
import { selectedRef } from './domain/fleet.ts';
import { fileNameOf } from './domain/ids.ts';
import type { HostView, SessionView, StatusView } from './protocol/statusView.ts';

/** What `statusOf` needs besides the fleet. */
export type StatusContext = {
  nowMs: number;
  version: string;
  dataDir: string;
  /** Folder of the agents' workdirs. */
  agentsDir: string;
  supervisor: StatusView['supervisor'];
  accounts: StatusView['accounts'];
  /** Monotonic ms when a host was last heard of; a listing that has not changed since is as fresh as that. */
  heardMs?: (alias: string) => number | null;
};

/** The fleet as clients see it (CTL-2). Pure. */
export function statusOf(fleet: Fleet, context: StatusContext): StatusView {
  return {
    version: context.version,
    dataDir: context.dataDir,
    supervisor: context.supervisor,
    selected: { host: fleet.selectedAlias, session: selectedRef(fleet)?.id ?? null, focus: fleet.focus },
    accounts: context.accounts,
    hosts: fleet.hosts.map((host) => hostViewOf(host, context)),
  };
}

function hostViewOf(host: Host, context: StatusContext): HostView {
  return {
    alias: host.config.alias,
    state: host.link,
    lastError: host.error ?? host.emptyBecause,
    ageMs: host.listedAtMs === null ? null : Math.round(context.nowMs - Math.max(host.listedAtMs, context.heardMs?.(host.config.alias) ?? 0)),
    wake: host.wake,
    tmux: host.tmuxVersion,
    facts: host.machine,
    selectedSession: host.selectedId,
    sessions: host.sessions.map((session) => sessionViewOf(host, session, context)),
  };
}

function sessionViewOf(host: Host, session: RemoteSession, context: StatusContext): SessionView {
  const { ownership, observed, agent } = session;
  return {
    id: observed.id,
    name: observed.name,
    key: session.key,
    state: session.state,
    owner: ownerOf(session),
    epoch: ownership.kind === 'unread' ? null : ownership.epoch,
    supervisedBy: ownership.kind === 'foreign' ? ownership.supervisor : null,
    claimAgeMs: claimAgeMs(session, context.nowMs),
    claimIdleMs: claimIdleMs(session, context.nowMs),
    lastRefusal: session.refusal === null ? null : { tool: session.refusal.tool, reason: session.refusal.reason, ageMs: Math.round(context.nowMs - session.refusal.atMs) },
    title: observed.paneTitle,
    account: session.account.key,
    remoteAccount: session.account.remote,
    accountHold: session.account.held,
    agent: { state: agent.state, threadId: agent.threadId, model: agent.model, workdir: workdirOf(context.agentsDir, host.config.alias, observed.id), error: agent.error },
    pendingRotation: session.account.pending,
    nudges: session.nudges,
  };
}

/** Who may write, as a word for clients. */
export function ownerOf(session: RemoteSession): SessionView['owner'] {
  return session.ownership.kind === 'ours' ? session.ownership.owner : session.ownership.kind;
}

/** `agents/<host>/<session_id>/` (PAIR-2). */
export function workdirOf(agentsDir: string, alias: string, id: string): string {
  return join(agentsDir, fileNameOf(alias), id);
}
