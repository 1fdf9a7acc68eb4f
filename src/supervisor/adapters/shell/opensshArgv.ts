import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { HostConfig } from '../../domain/config.ts';
import type { ShellContext } from './shellContext.ts';

/** sshd's default MaxSessions is 10: five for control channels, five for viewers. A further connection of viewers keeps one free for a reattach. */
export const firstLinkControlSlots = 5;
const firstLinkLanes = 5;
const furtherLinkLanes = 9;

/** The half-open link is noticed after interval × (count + 1) at the latest: 9 s, within the 10 s of DISC-7. */
export const aliveIntervalMs = 3000;
export const aliveCountMax = 2;

/** The control socket of connection `index`, for control (`c`) or viewers (`v`); both share connection 0. */
export function masterPath(host: HostConfig, context: ShellContext, index: number, use: 'c' | 'v'): string {
  const hash = createHash('sha256').update(`${host.sshTarget}\0${context.sshConfigFile ?? ''}`).digest('hex').slice(0, 10);
  return join(context.mastersDir, index === 0 ? hash : `${hash}${use}${index}`);
}

/** The file names that `masterPath` makes. */
export const masterNamePattern = /^[0-9a-f]{10}(?:[cv]\d+)?$/;

/** Which connection serves a viewer's lane. */
export function linkOfLane(lane: number): number {
  return lane < firstLinkLanes ? 0 : 1 + Math.floor((lane - firstLinkLanes) / furtherLinkLanes);
}

/** Makes a master and leaves it in the background; or, when one is there already, proves that it works. Either way it exits 0. */
export function masterArgv(host: HostConfig, context: ShellContext, path: string, mode: 'background' | 'terminal'): string[] {
  const quiet = mode === 'background' ? ['-o', 'BatchMode=yes', '-o', 'ConnectTimeout=10'] : [];
  return [...ssh(context), ...quiet, ...makesMaster(host, path), '-T', '--', host.sshTarget, 'true'];
}

/** A channel without a terminal over an existing master, and over nothing else: without it ProxyCommand=false leads nowhere. */
export function channelArgv(host: HostConfig, context: ShellContext, path: string): string[] {
  const options = ['-o', 'BatchMode=yes', '-o', 'ForwardAgent=no', '-o', 'ForwardX11=no'];
  return [...ssh(context), ...usesMaster(path), ...options, '-T', '--', host.sshTarget, 'exec sh'];
}

/** A viewer's terminal. On connection 0 it never logs in by itself; further connections are made by the first viewer that needs them. */
export function viewerArgv(host: HostConfig, context: ShellContext, remoteCommand: string, lane: number): string[] {
  const index = linkOfLane(lane);
  const path = masterPath(host, context, index, 'v');
  const master = index === 0 ? [...usesMaster(path), ...forwardsAgent(host)] : makesMaster(host, path);
  return [...agentEnv(context), ...ssh(context), ...master, '-e', 'none', '-t', '--', host.sshTarget, remoteCommand];
}

/** A viewer's terminal on a connection of its own, for a transport that has no master. */
export function plainViewerArgv(host: HostConfig, context: ShellContext, remoteCommand: string): string[] {
  return [...agentEnv(context), ...ssh(context), '-S', 'none', ...keepsAlive, ...forwardsAgent(host), ...plain, '-e', 'none', '-t', '--', host.sshTarget, remoteCommand];
}

/** Sets SSH_AUTH_SOCK for a program that starts in somebody else's environment (a tmux pane). */
export function agentEnv(context: ShellContext): string[] {
  return context.sshAuthSock === null ? [] : ['env', `SSH_AUTH_SOCK=${context.sshAuthSock}`];
}

export const sshOf = (context: ShellContext): string => context.sshPath ?? 'ssh';

function ssh(context: ShellContext): string[] {
  return context.sshConfigFile === undefined ? [sshOf(context)] : [sshOf(context), '-F', context.sshConfigFile];
}

/** What a person's configuration may add for his own logins and would break ours. */
const plain = ['-o', 'RemoteCommand=none', '-o', 'ClearAllForwardings=yes'];
const keepsAlive = ['-o', `ServerAliveInterval=${aliveIntervalMs / 1000}`, '-o', `ServerAliveCountMax=${aliveCountMax}`];

/** A viewer can only forward over a master that may; channels that must not say so themselves. */
const forwardsAgent = (host: HostConfig) => ['-o', `ForwardAgent=${host.forwardAgent ? 'yes' : 'no'}`];

function makesMaster(host: HostConfig, path: string): string[] {
  return ['-S', escapePercent(path), '-o', 'ControlMaster=auto', '-o', 'ControlPersist=yes', ...keepsAlive, ...forwardsAgent(host), ...plain];
}

function usesMaster(path: string): string[] {
  return ['-S', escapePercent(path), '-o', 'ControlMaster=no', '-o', 'ProxyCommand=false', '-o', 'CanonicalizeHostname=no', ...plain];
}

function escapePercent(path: string): string {
  return path.replaceAll('%', '%%');
}
