import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { StatusView } from '../../src/supervisor/protocol/statusView.ts';
import { api } from '../../src/supervisor/protocol/api.ts';
import { connect } from '../../src/supervisor/protocol/client.ts';
import { startScriptedModel } from '../../src/demo/scriptedModel.ts';
import { resolveCodex } from '../../src/supervisor/adapters/codex/codexBinary.ts';
import { scriptedProvider } from '../../test/support/codex.ts';
import { remoteCodex } from '../../test/support/remoteCodex.ts';
import { until } from '../../test/support/until.ts';
import { cpuWindow } from '../measure/cpuWindow.ts';
import type { Outcome, Row } from '../row.ts';
import { buildProduct, startProduct, type Product } from '../setup/product.ts';
import { startRemote, type Remote, type RemoteHost, type RemoteSession } from '../setup/remote.ts';

const sessionCount = 10;
const lostAfterMs = 10_000;
const windowMs = 10_000;
const codexName = 'cockpit-codex';
/** Twelve words a line, as prose has them. */
const endless = Array.from({ length: 5_000 }, (_, at) => `w${at}${at % 12 === 11 ? '\n' : ''}`).join(' ');
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

/** What the supervisor takes for one session in which a real Codex writes an answer that does not end. */
async function streaming(product: Product, remote: Remote, host: RemoteHost, windows: number): Promise<Outcome> {
  const model = await startScriptedModel({ script: () => ({ kind: 'say', text: endless, wordDelayMs: 25 }) });
  try {
    const { path } = await resolveCodex('codex', { ...process.env, PATH: '' });
    const { command } = await remoteCodex(host.tmux.dir, path, scriptedProvider(model.url));
    await host.tmux.run('new-session', '-d', '-s', codexName, '-x', '110', '-y', '32', command);
    const screen = () => host.tmux.run('capture-pane', '-p', '-t', codexName);
    await until(async () => /› Ask Codex/.test(await screen()), { what: 'Codex is there', timeoutMs: 20_000 });
    const id = await until(async () => (await product.sessions()).find(({ name }) => name === codexName)?.id, { what: 'the session is known' });
    await product.client.request('select', { host: host.alias, session: `${host.alias}/${id}`, focus: 'agent' });
    const share = async () => (await cpuWindow(windowMs, () => ({ own: [product.pid] }))).own;
    const idle: number[] = [];
    const busy: number[] = [];
    for (let window = 0; window < windows; window += 1) {
      await delay(3_000);
      idle.push(await share());
      await host.tmux.run('send-keys', '-t', codexName, '-l', 'go on');
      await until(async () => /› go on/.test(await screen()), { what: 'the prompt is typed' });
      await delay(300);
      await host.tmux.run('send-keys', '-t', codexName, 'Enter');
      await until(async () => /w50\b/.test(await screen()), { what: 'Codex writes', timeoutMs: 20_000 });
      busy.push(await share());
      await host.tmux.run('send-keys', '-t', codexName, 'Escape');
      await until(async () => /Conversation interrupted/.test(await screen()), { what: 'Codex ends', timeoutMs: 20_000 });
      await host.tmux.run('clear-history', '-t', codexName);
    }
    const extra = busy.map((percent, at) => percent - (idle[at] ?? 0));
    return {
      title: `CPU of the supervisor for a streaming Codex (of ${remote.hosts.length} host with ${sessionCount} other sessions)`,
      unit: '%',
      series: [
        { role: 'ours', name: 'a Codex that writes 40 words a second, shown', samples: extra, targets: [{ of: 'median', atMost: 1 }] },
        { role: 'part', name: 'with it', samples: busy },
        { role: 'part', name: 'without', samples: idle },
      ],
    };
  } finally {
    await host.tmux.run('kill-session', '-t', codexName);
    await model.close();
  }
}

function stateOf(status: StatusView, { id }: RemoteSession): string | undefined {
  return status.hosts.flatMap(({ sessions }) => sessions).find((session) => session.id === id)?.state;
}
