import type { HostConfig } from '../../src/supervisor/domain/config.ts';
import type { Host } from '../../src/supervisor/domain/fleet.ts';
import type { ObservedSession } from '../../src/supervisor/domain/remoteSession.ts';

/** A host of the configuration, `box` by default. */
export function someHostConfig(fields: Partial<HostConfig> = {}): HostConfig {
  return { alias: 'box', sshTarget: 'box', transport: 'openssh', tmuxSocket: null, forwardAgent: true, wake: true, approvals: 'bypass', remoteAuth: 'ask', codexConfig: {}, ...fields };
}

/** An online host without sessions. */
export function someHost(fields: Partial<Host> = {}): Host {
  return { config: someHostConfig(), link: 'online', error: null, machine: null, tmuxVersion: '3.3a', server: { pid: 1, startTime: 1 }, wake: true, sessions: [], selectedId: null, listedAtMs: 0, ...fields };
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
