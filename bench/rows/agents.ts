import { setTimeout as delay } from 'node:timers/promises';
import { startScriptedModel } from '../../src/demo/scriptedModel.ts';
import type { Agent, AgentSpec } from '../../src/supervisor/adapters/codex/agent.ts';
import { endAppServer } from '../../src/supervisor/adapters/codex/agentProcess.ts';
import type { Launch } from '../../src/supervisor/adapters/codex/launch.ts';
import { codexFixture, scriptedProvider, type CodexFixture } from '../../test/support/codex.ts';
import { until } from '../../test/support/until.ts';
import { cpuWindow } from '../measure/cpuWindow.ts';
import { interleave } from '../measure/interleave.ts';
import { processes, pssMb } from '../measure/processCost.ts';
import type { Outcome, Row, Target } from '../row.ts';
import { output } from '../setup/poller.ts';
import { buildProduct, startProduct, type Product } from '../setup/product.ts';
import { localShell, startRemote } from '../setup/remote.ts';
import { startTerminal, type Terminal } from '../setup/terminal.ts';

const never = new AbortController().signal;
const windowMs = 15_000;
/** The targets are for the whole product with so many agents. */
const agentsOfTarget = 12;

/** Real Codex agents: how soon they are there, and what they cost while nothing happens. */
export const agentsRow: Row = {
  name: 'agents',
  about: 'start and resume of a Codex agent; the whole product with idle agents',
  isQuick: false,
  run: async ({ rounds, agents }) => [await starts(Math.max(1, Math.ceil(5 * rounds))), ...(await idle(agents))],
};

async function starts(rounds: number): Promise<Outcome> {
  const fixture = await codexFixture();
  const local = await localShell();
  const terminal = await startTerminal(local);
  try {
    const figures = new Starts(fixture, terminal);
    for (let round = 0; round < rounds; round += 1) await figures.measure(`r${round}`);
    const { version } = await interleave(rounds, { version: { perRound: 1, run: () => output([fixture.binary.path, '--version']) } });
    return {
      title: 'Agent: from the call to the composer in its pane',
      unit: 'ms',
      series: [
        { role: 'ours', name: 'first start', samples: figures.first, targets: [{ of: 'median', atMost: 600 }] },
        { role: 'part', name: 'of that: app-server, tools and thread', samples: figures.firstReady },
        { role: 'ours', name: 'resume, app-server ended', samples: figures.resumed, targets: [{ of: 'median', atMost: 400 }] },
        { role: 'part', name: 'of that: app-server, tools and thread', samples: figures.resumedReady },
        { role: 'ours', name: 'pane alone, app-server runs', samples: figures.pane, targets: [{ of: 'median', atMost: 400 }] },
        { role: 'baseline', name: 'plain codex in the pane, without tools', samples: figures.plain },
        { role: 'floor', name: 'codex --version', samples: version },
      ],
    };
  } finally {
    await terminal.stop();
    local.dispose();
    await fixture.dispose();
  }
}

class Starts {
  readonly first: number[] = [];
  readonly firstReady: number[] = [];
  readonly resumed: number[] = [];
  readonly resumedReady: number[] = [];
  readonly pane: number[] = [];
  readonly plain: number[] = [];
  readonly #fixture: CodexFixture;
  readonly #terminal: Terminal;

  constructor(fixture: CodexFixture, terminal: Terminal) {
    this.#fixture = fixture;
    this.#terminal = terminal;
  }

  async measure(key: string): Promise<void> {
    const spec = this.#fixture.spec(key);
    const threadId = await this.#run(spec, this.first, this.firstReady);
    await this.#run({ ...spec, threadId }, this.resumed, this.resumedReady, this.pane);
    const { argv: [codex = ''], env, cwd } = this.#last;
    this.plain.push(await this.#composer({ argv: [codex, '-C', cwd], env, cwd }, performance.now()));
  }

  #last: Launch = { argv: [], env: {}, cwd: '/' };

  /** One life of an agent; the thread's id. */
  async #run(spec: AgentSpec, total: number[], ready: number[], pane?: number[]): Promise<string | null> {
    const agent = this.#fixture.agent(spec);
    const startMs = performance.now();
    await agent.start(never);
    ready.push(performance.now() - startMs);
    this.#last = launchOf(agent);
    total.push(await this.#composer(this.#last, startMs));
    pane?.push(await this.#composer(this.#last, performance.now()));
    const { threadId } = agent.status;
    agent.dispose();
    await endAppServer(spec, 'stop');
    return threadId;
  }

  async #composer({ argv, env, cwd }: Launch, startMs: number): Promise<number> {
    const shown = this.#terminal.shows('Ask Codex to do anything');
    await Promise.all([this.#terminal.start(argv, env, cwd), shown]);
    return (await shown) - startMs;
  }
}

function launchOf(agent: Agent): Launch {
  const launch = agent.tuiLaunch;
  if (!launch) throw new Error('the agent has no pane');
  return launch;
}

/** The whole product with one idle agent for each session of one host. */
async function idle(count: number): Promise<Outcome[]> {
  buildProduct();
  const remote = await startRemote(1, count);
  const model = await startScriptedModel();
  try {
    // A nudge would make the agents work.
    const hosts = remote.hosts.map(({ alias, tmux }) => ({ alias, tmux_socket: tmux.socket, wake: false }));
    const startMs = performance.now();
    const product = await startProduct({ hosts, local_agent_model: 'fake-model', codex_config: scriptedProvider(model.url) }, { COCKPIT_SSH_CONFIG: remote.sshd.configFile });
    try {
      const isIdle = async () => {
        const sessions = await product.sessions();
        return sessions.length === count && sessions.every(({ agent }) => agent.state === 'idle');
      };
      await until(isIdle, { timeoutMs: 60_000, what: 'idle agents' });
      const readyMs = performance.now() - startMs;
      await product.client.request('ui/terminal', {});
      // Codex goes on with its start for some seconds after it is idle.
      await delay(15_000);
      const share = await cpuWindow(windowMs, () => groupsOf(product));
      const pids = product.pids();
      const judged = (target: Target) => (count >= agentsOfTarget ? { targets: [target] } : {});
      const title = `The whole product, ${count} idle agent${count === 1 ? '' : 's'}`;
      const note = count >= agentsOfTarget ? 'Supervisor, app-servers, panes, tmux servers and ssh on this machine.' : `The targets are for ${agentsOfTarget} agents: npm run bench -- agents --agents ${agentsOfTarget}`;
      return [
        { title: `${title}: memory`, unit: 'MB', note, series: [
          { role: 'ours', name: `PSS of ${pids.length} processes`, samples: [pids.reduce((sum, pid) => sum + pssMb(pid), 0)], ...judged({ of: 'median', atMost: 1024 }) },
          { role: 'part', name: 'of that: supervisor', samples: [pssMb(product.pid)] },
        ] },
        { title: `${title}: CPU`, unit: '%', note: 'Codex watches /etc and wakes at every start of any program on the machine: only figures of a calm machine count.', series: [
          { role: 'ours', name: 'all processes here', samples: [share.supervisor + share.codex + share.rest], ...judged({ of: 'median', atMost: 2 }) },
          { role: 'part', name: 'of that: supervisor', samples: [share.supervisor] },
          { role: 'part', name: 'of that: codex (app-servers and panes)', samples: [share.codex] },
          { role: 'part', name: 'of that: tmux, ssh, sh', samples: [share.rest] },
        ] },
        { title: `${title}: from nothing to all agents idle`, unit: 'ms', series: [{ role: 'ours', name: 'supervisor start, connect, discover, agents', samples: [readyMs] }] },
      ];
    } finally {
      await product.stop();
    }
  } finally {
    await model.close();
    await remote.stop();
  }
}

function groupsOf(product: Product): Record<'supervisor' | 'codex' | 'rest', number[]> {
  const codex = new Set(processes().filter(({ command }) => /^\S*\/codex /.test(command)).map(({ pid }) => pid));
  const others = product.pids().filter((pid) => pid !== product.pid);
  return { supervisor: [product.pid], codex: others.filter((pid) => codex.has(pid)), rest: others.filter((pid) => !codex.has(pid)) };
}
