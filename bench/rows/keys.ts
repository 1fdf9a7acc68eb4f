import { writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startScriptedModel } from '../../src/demo/scriptedModel.ts';
import { ControlChannel } from '../../src/supervisor/adapters/tmux/controlChannel.ts';
import { plainCommand } from '../../src/supervisor/adapters/tmux/command.ts';
import { scriptedProvider } from '../../test/support/codex.ts';
import { until } from '../../test/support/until.ts';
import type { Outcome, Row, Target } from '../row.ts';
import { buildProduct, startProduct, type Product } from '../setup/product.ts';
import { localShell, startRemote, type Remote } from '../setup/remote.ts';
import { startTerminal, type Terminal } from '../setup/terminal.ts';

const target: Target = { of: 'p95', atMost: 50 };
/** Everything of the press before is over by then, the supervisor's own look at the layout too. */
const betweenMs = 300;

/** A key of the terminal cockpit, from the key to the pair that it shows. */
export const keysRow: Row = {
  name: 'keys',
  about: 'key in the terminal cockpit → both halves of the other pair shown',
  isQuick: false,
  async run({ rounds }) {
    buildProduct();
    const remote = await startRemote(2, 2);
    const model = await startScriptedModel();
    const local = await localShell();
    try {
      for (const { alias, sessions } of remote.hosts) for (const { id, tty } of sessions) writeFileSync(tty, `\r\n${mark(alias, id)}`, { flag: 'r+' });
      const product = await startProduct(configOf(remote, model.url), { COCKPIT_SSH_CONFIG: remote.sshd.configFile });
      const terminal = await startTerminal(local);
      try {
        await until(async () => (await product.sessions()).every(({ agent }) => agent.state === 'idle') && (await product.sessions()).length === 4, { timeoutMs: 30_000, what: 'four idle agents' });
        const { argv } = await product.client.request('ui/terminal', {});
        await terminal.start(argv, { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8' }, '/');
        await delay(2_000);
        const outer = await ControlChannel.open(local, { tmuxSocket: product.paths.outerTmux, target: '$0', flags: ['ignore-size', 'no-output'] });
        const presses = new Presses(product, terminal, outer);
        for (const way of ways) await presses.measure(way);
        presses.forget();
        for (let round = 0; round < Math.ceil(12 * rounds); round += 1) for (const way of ways) await presses.measure(way);
        outer.dispose();
        return presses.outcomes();
      } finally {
        await terminal.stop();
        await product.stop();
      }
    } finally {
      local.dispose();
      await model.close();
      await remote.stop();
    }
  },
};

const ways = ['session key', 'session word', 'host key', 'host word', 'ctl', 'host floor'] as const;
type Way = (typeof ways)[number];

class Presses {
  readonly #product: Product;
  readonly #terminal: Terminal;
  readonly #outer: ControlChannel;
  readonly #samples = new Map<Way, number[]>();

  constructor(product: Product, terminal: Terminal, outer: ControlChannel) {
    this.#product = product;
    this.#terminal = terminal;
    this.#outer = outer;
  }

  /** Presses once, and takes the time until the terminal shows the session that it has to show and its agent. */
  async measure(way: Way): Promise<void> {
    await delay(betweenMs + Math.random() * 50);
    const { alias, id } = await this.#expected(way.startsWith('host') ? 'host' : 'session');
    const shown = this.#terminal.shows(mark(alias, id), `agents/${alias}/${id}`);
    const startMs = performance.now();
    await Promise.all([this.#press(way), shown]);
    this.#samples.set(way, [...(this.#samples.get(way) ?? []), (await shown) - startMs]);
    // The supervisor takes up what tmux alone did; the next press builds on it.
    await until(async () => {
      const { selected, hosts } = await this.#product.status();
      return selected.host === alias && hosts.find((host) => host.alias === alias)?.selectedSession === id;
    }, { what: `${alias}/${id} is selected after ${way}` });
  }

  forget(): void {
    this.#samples.clear();
  }

  outcomes(): Outcome[] {
    const of = (way: Way) => this.#samples.get(way) ?? [];
    return [
      {
        title: 'Key → the other session and its agent are in the terminal',
        unit: 'ms',
        series: [
          { role: 'ours', name: 'word in the FIFO', samples: of('session word'), targets: [target] },
          { role: 'ours', name: 'F2 typed into the terminal', samples: of('session key') },
          { role: 'baseline', name: 'cockpit ctl next-session (starts Node)', samples: of('ctl') },
        ],
      },
      {
        title: 'Key → the other host with its pair is in the terminal',
        unit: 'ms',
        series: [
          { role: 'ours', name: 'word in the FIFO', samples: of('host word'), targets: [target] },
          { role: 'ours', name: 'F1 typed into the terminal', samples: of('host key') },
          { role: 'floor', name: 'select-window of tmux alone', samples: of('host floor') },
        ],
      },
    ];
  }

  async #press(way: Way): Promise<void> {
    const { paths } = this.#product;
    switch (way) {
      case 'session key':
        return this.#terminal.type('\u001bOQ');
      case 'host key':
        return this.#terminal.type('\u001bOP');
      case 'session word':
        writeFileSync(paths.keyFifo, 'next-session\n', { flag: 'r+' });
        return;
      case 'host word':
        writeFileSync(paths.keyFifo, 'next-host\n', { flag: 'r+' });
        return;
      case 'ctl':
        return this.#product.cli('ctl', 'next-session');
      case 'host floor':
        return this.#outer.request(plainCommand('select-window -t :+'));
    }
  }

  /** What the next press must show; each host has two sessions and there are two hosts. */
  async #expected(what: 'host' | 'session'): Promise<{ alias: string; id: string }> {
    const { selected, hosts } = await this.#product.status();
    const host = hosts.find(({ alias }) => (alias === selected.host) === (what === 'session'));
    const id = what === 'host' ? host?.selectedSession : host?.sessions.find((session) => session.id !== host.selectedSession)?.id;
    if (!host || !id) throw new Error('nothing to switch to');
    return { alias: host.alias, id };
  }
}

function mark(alias: string, id: string): string {
  return `MARK-${alias}-${id}-`;
}

function configOf(remote: Remote, modelUrl: string): Parameters<typeof startProduct>[0] {
  const hosts = remote.hosts.map(({ alias, tmux }) => ({ alias, tmux_socket: tmux.socket }));
  return { hosts, local_agent_model: 'fake-model', codex_config: scriptedProvider(modelUrl) };
}
