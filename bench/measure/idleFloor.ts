import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { subscribe } from '../../src/supervisor/adapters/tmux/commands/clientCommands.ts';
import { listSessions } from '../../src/supervisor/adapters/tmux/commands/listSessions.ts';
import { ControlChannel } from '../../src/supervisor/adapters/tmux/controlChannel.ts';
import { isWindowId } from '../../src/supervisor/domain/ids.ts';
import { activityFormat, activitySubscription } from '../../src/supervisor/hosts/activity.ts';
import type { Remote, RemoteHost } from '../setup/remote.ts';
import { cpuWindow } from './cpuWindow.ts';
import { mentions, processes, withDescendants } from './processCost.ts';

const settleMs = 2_000;
const listEveryMs = 2_000;

/** Percent of a core that tmux, sshd and ssh take for one host: nothing but a channel with the subscription, and with a listing every 2 s. */
export async function channelFloor(remote: Remote, host: RemoteHost, windowMs: number): Promise<{ subscribed: number; listed: number }> {
  const [session] = host.sessions;
  if (!session) throw new Error('no session');
  const windowId = await host.tmux.run('display-message', '-p', '-t', session.id, '#{window_id}');
  if (!isWindowId(windowId)) throw new Error(`no window: ${windowId}`);
  const channel = await ControlChannel.open(await remote.shell(host.alias), { tmuxSocket: host.tmux.socket, target: session.id, flags: ['ignore-size', 'no-output'] });
  const share = async () => {
    await delay(settleMs);
    return (await cpuWindow(windowMs, () => ({ all: pidsOf(remote, host) }))).all;
  };
  try {
    await channel.request(subscribe(activitySubscription, windowId, activityFormat));
    const subscribed = await share();
    let listing = Promise.resolve<unknown>(null);
    const timer = setInterval(() => { listing = channel.request(listSessions()); }, listEveryMs);
    const listed = await share();
    clearInterval(timer);
    await listing;
    return { subscribed, listed };
  } finally {
    channel.dispose();
  }
}

/** Percent of a core that a Node takes whose only work is an empty timer once a second. */
export async function nodeFloor(windowMs: number): Promise<number> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1_000)'], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  try {
    await delay(settleMs);
    return (await cpuWindow(windowMs, () => ({ node: child.pid === undefined ? [] : [child.pid] }))).node;
  } finally {
    child.kill();
    await exited;
  }
}

function pidsOf({ sshd }: Remote, { tmuxPid }: RemoteHost): number[] {
  const all = processes();
  const here = all.map(({ pid }) => pid).filter((pid) => pid !== process.pid && mentions(pid, sshd.dir));
  return [...new Set([...here, ...withDescendants(sshd.pid, all), tmuxPid])];
}
