import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { StatusView } from '../../src/supervisor/protocol/statusView.ts';
import { api } from '../../src/supervisor/protocol/api.ts';
import { connect } from '../../src/supervisor/protocol/client.ts';
import { until } from '../../test/support/until.ts';
import { cpuWindow } from '../measure/cpuWindow.ts';
import type { Outcome, Row } from '../row.ts';
import { buildProduct, startProduct, type Product } from '../setup/product.ts';
import { startRemote, type Remote, type RemoteHost, type RemoteSession } from '../setup/remote.ts';

const sessionCount = 10;
const lostAfterMs = 10_000;
const windowMs = 10_000;
const clear = '\u001b[2J\u001b[H';
const screens = {
  'needs-input': `${clear}\r\n  Would you like to run the following command?\r\n\r\n  $ ls\r\n\r\n› 1. Yes, proceed (y)\r\n  2. No, and tell Codex what to do differently (esc)\r\n\r\n  Press enter to confirm or esc to cancel`,
  idle: `${clear}\r\n• done\r\n\r\n› Ask Codex to do anything\r\n\r\n  model · ~/x`,
  error: `${clear}\r\n■ Something went wrong\r\n\r\n› Ask Codex to do anything\r\n\r\n  model · ~/x`,
} as const;
type Shown = keyof typeof screens;

/** A remote screen shows another state, and a client of the supervisor has it. */
export const statesRow: Row = {
  name: 'states',
  about: `state change on a remote screen → client, ${sessionCount} sessions; CPU of a session that streams`,
  isQuick: false,
  async run({ rounds }) {
    buildProduct();
    const remote = await startRemote(1, sessionCount);
    const [host] = remote.hosts;
    if (!host) throw new Error('no host');
    const product = await startProduct({ hosts: [{ alias: host.alias, tmux_socket: host.tmux.socket }], max_agents: 0 }, { COCKPIT_SSH_CONFIG: remote.sshd.configFile });
    try {
      await until(async () => (await product.sessions()).length === sessionCount, { timeoutMs: 60_000, what: 'all sessions are known' });
      return [await latency(product, host, rounds), await streaming(product, remote, host, Math.max(1, Math.round(2 * rounds)))];
    } finally {
      await product.stop();
      await remote.stop();
    }
  },
};

async function latency(product: Product, host: RemoteHost, rounds: number): Promise<Outcome> {
  const [shown, ...others] = host.sessions;
  if (!shown) throw new Error('no session');
  await product.client.request('select', { host: host.alias, session: `${host.alias}/${shown.id}`, focus: 'agent' });
  const feed = await connect(product.paths, api, 'bench');
  await feed.request('fleet/subscribe', {});
  const change = async (session: RemoteSession, state: Shown): Promise<number> => {
    const found = Promise.withResolvers<number>();
    const timer = setTimeout(() => { found.reject(new Error(`${state} never came`)); }, lostAfterMs);
    const listener = feed.onNotification('fleet/changed', ({ status }) => {
      if (stateOf(status, session) === state) found.resolve(performance.now());
    });
    const startMs = performance.now();
    writeFileSync(session.tty, screens[state], { flag: 'r+' });
    try {
      return (await found.promise) - startMs;
    } finally {
      clearTimeout(timer);
      listener.dispose();
    }
  };
  const approvals: number[] = [];
  const settled: number[] = [];
  const away: number[] = [];
  await change(shown, 'idle');
  for (let round = 0; round < Math.ceil(20 * rounds); round += 1) {
    await delay(300 + Math.random() * 200);
    approvals.push(await change(shown, 'needs-input'));
    await delay(300 + Math.random() * 200);
    settled.push(await change(shown, round % 2 === 0 ? 'idle' : 'error'));
  }
  for (let round = 0; round < Math.ceil(4 * rounds); round += 1) {
    away.push(...(await Promise.all(others.slice(0, 5).map(async (session) => {
      await delay(Math.random() * 1_000);
      return change(session, (['needs-input', 'idle', 'error'] as const)[round % 3] ?? 'idle');
    }))));
  }
  feed.dispose();
  return {
    title: 'State change to a client',
    unit: 'ms',
    series: [
      { role: 'ours', name: 'an approval in the session that is shown', samples: approvals, targets: [{ of: 'median', atMost: 20 }] },
      { role: 'ours', name: 'another state there, settling included', samples: settled, targets: [{ of: 'median', atMost: 150 }] },
      { role: 'ours', name: 'any state in another session', samples: away, targets: [{ of: 'p95', atMost: 1_200 }] },
    ],
  };
}

/** What the supervisor takes for one session whose text goes on and on. */
async function streaming(product: Product, remote: Remote, host: RemoteHost, windows: number): Promise<Outcome> {
  const [shown] = host.sessions;
  if (!shown) throw new Error('no session');
  const share = async () => (await cpuWindow(windowMs, () => ({ own: [product.pid] }))).own;
  const idle: number[] = [];
  const busy: number[] = [];
  for (let window = 0; window < windows; window += 1) {
    await delay(3_000);
    idle.push(await share());
    // As fast as a model writes: some 40 pieces of a word a second.
    const writer = setInterval(() => { writeFileSync(shown.tty, 'word ', { flag: 'r+' }); }, 25);
    busy.push(await share());
    clearInterval(writer);
  }
  const extra = busy.map((percent, at) => percent - (idle[at] ?? 0));
  return {
    title: `CPU of the supervisor for a streaming session (of ${remote.hosts.length} host with ${sessionCount})`,
    unit: '%',
    series: [
      { role: 'ours', name: 'one more streaming session, shown', samples: extra, targets: [{ of: 'median', atMost: 1 }] },
      { role: 'part', name: 'with it', samples: busy },
      { role: 'part', name: 'without', samples: idle },
    ],
  };
}

function stateOf(status: StatusView, { id }: RemoteSession): string | undefined {
  return status.hosts.flatMap(({ sessions }) => sessions).find((session) => session.id === id)?.state;
}
