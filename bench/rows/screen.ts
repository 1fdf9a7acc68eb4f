import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlChannel } from '../../src/supervisor/adapters/tmux/controlChannel.ts';
import type { HostLink } from '../../src/supervisor/hosts/hostLink.ts';
import { observeLink } from '../../test/support/hostLinkFixture.ts';
import { until } from '../../test/support/until.ts';
import type { Outcome, Row } from '../row.ts';
import { startPoller } from '../setup/poller.ts';
import { localShell, startRemote, type RemoteHost, type RemoteSession } from '../setup/remote.ts';

/** How many sessions of a host have a channel of their own at the same time (WatchTier). */
const pushedAtOnce = 2;
const lostAfterMs = 5_000;
let tokens = 0;

/** A program writes to its terminal, and cockpit has the screen. */
export const screenRow: Row = {
  name: 'screen',
  about: 'text in a pane → screen change known here',
  isQuick: true,
  async run({ sessions, rounds }) {
    const outcomes: Outcome[] = [];
    for (const count of sessions) outcomes.push(await measure(count, rounds));
    return outcomes;
  },
};

async function measure(count: number, rounds: number): Promise<Outcome> {
  const remote = await startRemote(1, count);
  const local = await localShell();
  try {
    const [host] = remote.hosts;
    if (!host) throw new Error('no host');
    const observed = observeLink(await remote.shell(host.alias), host.tmux.socket, { alias: host.alias });
    await observed.online();
    await until(() => host.sessions.every(({ id }) => observed.link.screen(id) !== null), { timeoutMs: 20_000, what: 'the first read of every screen' });
    const poller = startPoller(remote, host, 'master', 'one');
    const slow = await unwatched(observed.link, poller, host, Math.ceil(4 * rounds));
    await poller.stop();
    const fast = await watched(observed.link, local, host, Math.ceil(60 * rounds));
    observed.link.dispose();
    return {
      title: `Screen change, ${count} session${count === 1 ? '' : 's'}`,
      unit: 'ms',
      series: [
        { role: 'ours', name: 'watched session (push)', samples: fast.ours, targets: [{ of: 'median', atMost: 2 }, { of: 'p95', atMost: 50 }] },
        { role: 'ours', name: 'other session (subscription)', samples: slow.ours, targets: [{ of: 'p95', atMost: 1_100 }] },
        { role: 'baseline', name: 'spawn ssh … tmux … every 2 s, ControlMaster', samples: slow.polled },
        { role: 'floor', name: '%output at tmux -C, no ssh, nothing read', samples: fast.floor },
      ],
    };
  } finally {
    local.dispose();
    await remote.stop();
  }
}

/** The same texts, seen by the subscription and by a poll: several at random times in each period of the poll. */
async function unwatched(link: HostLink, poller: ReturnType<typeof startPoller>, host: RemoteHost, periods: number): Promise<{ ours: number[]; polled: number[] }> {
  const ours: number[] = [];
  const polled: number[] = [];
  const one = async (session: RemoteSession) => {
    await delay(Math.random() * 2_000);
    const token = nextToken();
    const mine = screenHas(link, session, token);
    const theirs = poller.seen(token);
    const startMs = write(session, token);
    ours.push((await mine) - startMs);
    polled.push((await theirs) - startMs);
  };
  for (let period = 0; period < periods; period += 1) await Promise.all(pick(host.sessions, 5).map(one));
  return { ours, polled };
}

async function watched(link: HostLink, local: Awaited<ReturnType<typeof localShell>>, host: RemoteHost, count: number): Promise<{ ours: number[]; floor: number[] }> {
  const sessions = host.sessions.slice(-pushedAtOnce);
  const watches = sessions.map(({ id }) => link.watch(id));
  const clients = async () => (await host.tmux.run('list-clients', '-F', '#{client_flags}')).split('pause-after').length - 1;
  await until(async () => (await clients()) === sessions.length, { what: 'the watch channels' });
  const floors = await Promise.all(sessions.map(({ id }) => ControlChannel.open(local, { tmuxSocket: host.tmux.socket, target: id, flags: ['ignore-size'] })));
  const ours: number[] = [];
  const floor: number[] = [];
  for (let round = 0; round < count; round += 1) {
    const at = round % sessions.length;
    const [session, channel] = [sessions[at], floors[at]];
    if (!session || !channel) throw new Error('no session');
    // Longer than the shortest time between two reads; what comes faster waits for that.
    await delay(40 + Math.random() * 60);
    const token = nextToken();
    const mine = screenHas(link, session, token);
    const theirs = outputHas(channel, token);
    const startMs = write(session, token);
    ours.push((await mine) - startMs);
    floor.push((await theirs) - startMs);
  }
  for (const channel of floors) channel.dispose();
  for (const watch of watches) watch.dispose();
  return { ours, floor };
}

function nextToken(): string {
  return `text-${++tokens}.`;
}

/** Writes a line as the pane's program would; returns when (monotonic ms). */
function write(session: RemoteSession, token: string): number {
  const startMs = performance.now();
  writeFileSync(session.tty, `\r\n${token}`, { flag: 'r+' });
  return startMs;
}

/** When the link told a change of the session's screen that has the text. */
function screenHas(link: HostLink, session: RemoteSession, token: string): Promise<number> {
  return seen(`${token} on the screen`, (resolve) => link.onDidScreenChange((id) => {
    if (id === session.id && link.screen(id)?.text.includes(token)) resolve(performance.now());
  }));
}

function outputHas(channel: ControlChannel, token: string): Promise<number> {
  return seen(`${token} in the output`, (resolve) => channel.onNotification((news) => {
    if (news.kind === 'output' && news.data.includes(token)) resolve(performance.now());
  }));
}

async function seen(what: string, listen: (resolve: (atMs: number) => void) => { dispose(): void }): Promise<number> {
  const found = Promise.withResolvers<number>();
  const timer = setTimeout(() => { found.reject(new Error(`never came: ${what}`)); }, lostAfterMs);
  const listener = listen(found.resolve);
  try {
    return await found.promise;
  } finally {
    clearTimeout(timer);
    listener.dispose();
  }
}

/** So many items at random; one can come twice. */
function pick<T>(items: T[], count: number): T[] {
  return Array.from({ length: count }, () => items[Math.floor(Math.random() * items.length)]).filter((item) => item !== undefined);
}
