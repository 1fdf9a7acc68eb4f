import { setTimeout as delay } from 'node:timers/promises';
import { ControlChannel } from '../../src/supervisor/adapters/tmux/controlChannel.ts';
import { plainCommand } from '../../src/supervisor/adapters/tmux/command.ts';
import { observeLink, type ObservedLink } from '../../test/support/hostLinkFixture.ts';
import { until } from '../../test/support/until.ts';
import type { Outcome, Row, Series, Target } from '../row.ts';
import { startPoller } from '../setup/poller.ts';
import { localShell, startRemote } from '../setup/remote.ts';

const target: Target = { of: 'p95', atMost: 10 };

/** A session is made, renamed or killed, and cockpit knows. */
export const sessionsRow: Row = {
  name: 'sessions',
  about: 'session made, renamed, killed at a remote → known here',
  isQuick: false,
  async run({ sessions, rounds }) {
    const outcomes: Outcome[] = [];
    for (const count of sessions.filter((size) => size !== 1 && size !== 50)) outcomes.push(await measure(count, rounds));
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
    await until(() => observed.sessions().some(({ attached }) => attached > 0), { what: 'the control channel' });
    const channel = await ControlChannel.open(local, { tmuxSocket: host.tmux.socket, target: '$0', flags: ['ignore-size', 'no-output'] });
    const news = new Newsreel(observed, channel);
    for (let round = 0; round < Math.ceil(30 * rounds); round += 1) {
      const name = `cockpit-r${round}`;
      await news.measure('made', `new-session -d -s ${name} 'exec cat'`, (names) => names.includes(name));
      await news.measure('renamed', `rename-session -t =${name} ${name}-b`, (names) => names.includes(`${name}-b`));
      await news.measure('killed', `kill-session -t =${name}-b`, (names) => !names.includes(`${name}-b`));
    }
    const poller = startPoller(remote, host, 'master', 'one');
    const polled = await Promise.all(Array.from({ length: Math.ceil(10 * rounds) }, async (_, n) => {
      await delay(Math.random() * 4_000);
      const seen = poller.seen(`cockpit-p${n}-`);
      const startMs = performance.now();
      await channel.request(plainCommand(`new-session -d -s cockpit-p${n}- 'exec cat'`));
      return (await seen) - startMs;
    }));
    await poller.stop();
    channel.dispose();
    observed.link.dispose();
    return { title: `Session change, beside ${count} sessions`, unit: 'ms', series: news.series(polled), note: 'From the command at the remote tmux on, so what tmux itself takes is in it.' };
  } finally {
    local.dispose();
    await remote.stop();
  }
}

const kinds = ['made', 'renamed', 'killed'] as const;
type Kind = (typeof kinds)[number];

/** Collects how long after a command its change was told: to cockpit over ssh, and to a control client on the same machine. */
class Newsreel {
  readonly #observed: ObservedLink;
  readonly #channel: ControlChannel;
  readonly #ours = { made: [] as number[], renamed: [] as number[], killed: [] as number[] };
  readonly #floor: number[] = [];
  #toldAtMs = NaN;

  constructor(observed: ObservedLink, channel: ControlChannel) {
    this.#observed = observed;
    this.#channel = channel;
    channel.onNotification(({ kind }) => {
      if ((kind === 'sessions-changed' || kind === 'session-renamed') && Number.isNaN(this.#toldAtMs)) this.#toldAtMs = performance.now();
    });
  }

  async measure(kind: Kind, line: string, isDone: (names: string[]) => boolean): Promise<void> {
    await delay(5 + Math.random() * 20);
    this.#toldAtMs = NaN;
    const startMs = performance.now();
    await this.#channel.request(plainCommand(line));
    const fact = await until(() => this.#observed.facts.find((one) => one.kind === 'host-sessions' && one.atMs >= startMs && isDone(one.sessions.map(({ name }) => name))), { what: `${kind} is known` });
    this.#ours[kind].push(fact.atMs - startMs);
    this.#floor.push((await until(() => this.#toldAtMs)) - startMs);
  }

  series(polled: number[]): Series[] {
    return [
      ...kinds.map((kind): Series => ({ role: 'ours', name: `${kind} (push and listing)`, samples: this.#ours[kind], targets: [target] })),
      { role: 'baseline', name: 'made, by spawn ssh … tmux … every 2 s', samples: polled },
      { role: 'floor', name: 'notification at tmux -C, no ssh, not listed', samples: this.#floor },
    ];
  }
}
