import type { Config, HostConfig } from '../../src/supervisor/domain/config.ts';
import type { Host } from '../../src/supervisor/domain/fleet.ts';
import type { ObservedSession } from '../../src/supervisor/domain/remoteSession.ts';

/** A host of the configuration, `box` by default. */
export function someHostConfig(fields: Partial<HostConfig> = {}): HostConfig {
  return { alias: 'box', sshTarget: 'box', transport: 'openssh', tmuxSocket: null, forwardAgent: true, wake: true, approvals: 'bypass', remoteAuth: 'ask', claimOnAnyKey: false, codexConfig: {}, ...fields };
}

/** An online host without sessions. */
export function someHost(fields: Partial<Host> = {}): Host {
  return { config: someHostConfig(), link: 'online', error: null, emptyBecause: null, machine: null, tmuxVersion: '3.3a', server: { pid: 1, startTime: 1 }, wake: true, sessions: [], selectedId: null, listedAtMs: 0, ...fields };
}

/** A session as tmux lists it, without an owner. */
export function someObserved(fields: Partial<ObservedSession> = {}): ObservedSession {
  return {
    id: '$0',
    name: 'cockpit-main',
    created: 1,
    attached: 0,
    windowId: '@0',
    paneId: '%0',
    paneTitle: '',
    paneCommand: 'sh',
    paneDead: false,
    width: 80,
    height: 24,
    mark: { owner: '', epoch: 0, supervisor: '' },
    ...fields,
  };
}

/** A configuration with its defaults and no hosts. */
export function someConfig(fields: Partial<Config> = {}): Config {
  return {
    hosts: [],
    accounts: [],
    localAgentModel: 'small',
    remoteAgentModel: 'big',
    localAgentSandbox: 'workspace-write',
    pollIntervalMs: 2_000,
    maxAgents: 20,
    agentMayApprove: 'read-only',
    claimTimeoutMs: null,
    wake: { idleSeconds: 30, maxPerHour: 12, giveUpAfter: 5 },
    onAttention: null,
    codexPath: 'codex',
    codexConfig: {},
    ...fields,
  };
}
