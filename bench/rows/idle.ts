import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../test/support/until.ts';
import { cpuWindow } from '../measure/cpuWindow.ts';
import { channelFloor, nodeFloor } from '../measure/idleFloor.ts';
import { endedChildrenMs, processes, pssMb, rssMb, withDescendants } from '../measure/processCost.ts';
import type { Outcome, Row } from '../row.ts';
import { startPoller } from '../setup/poller.ts';
import { buildProduct, startProduct, type Product } from '../setup/product.ts';
import { startRemote, type Remote } from '../setup/remote.ts';

const windowMs = 10_000;
const sessionsPerHost = 10;
/** First listings, second looks and the settling of every screen are over by then. */
const settleMs = 4_000;

/** What an idle cockpit costs, at both ends. */
export const idleRow: Row = {
  name: 'idle',
  about: `CPU of both ends and memory, nothing happens, ${sessionsPerHost} sessions a host, agents off`,
  isQuick: false,
  async run({ hosts, rounds }) {
    buildProduct();
    const outcomes: Outcome[] = [];
    const others = await withoutCockpit();
    for (const count of hosts) outcomes.push(...(await measure(count, Math.max(1, Math.round(rounds)), others)));
    return outcomes;
  },
};

/** What one host takes without cockpit, and what nobody can beat. */
type Others = { master: number[]; cold: number[]; subscribed: number[]; listed: number[]; node: number[] };

async function measure(count: number, windows: number, others: Others): Promise<Outcome[]> {
  const remote = await startRemote(count, sessionsPerHost);
  try {
    const product = await startProduct({ hosts: remote.hosts.map(({ alias, tmux }) => ({ alias, tmux_socket: tmux.socket })), max_agents: 0 }, { COCKPIT_SSH_CONFIG: remote.sshd.configFile });
    try {
      await until(async () => (await product.sessions()).length === count * sessionsPerHost, { timeoutMs: 60_000, what: 'all sessions are known' });
      await delay(settleMs);
      const shares: Record<Group, number>[] = [];
      for (let window = 0; window < windows; window += 1) shares.push(await cpuWindow(windowMs, () => groupsOf(product, remote)));
      return [cpuOutcome(count, shares, others), memoryOutcome(count, product, remote)];
    } finally {
      await product.stop();
    }
  } finally {
    await remote.stop();
  }
}

const groups = ['supervisor', 'ssh', 'sshd', 'tmux'] as const;
type Group = (typeof groups)[number];

function groupsOf(product: Product, remote: Remote): Record<Group, number[]> {
  const all = processes();
  const commands = new Map(all.map(({ pid, command }) => [pid, command]));
  const below = withDescendants(remote.sshd.pid, all);
  const isSshd = (pid: number) => commands.get(pid)?.startsWith('sshd') === true || pid === remote.sshd.pid;
  return {
    supervisor: [product.pid],
    ssh: product.pids().filter((pid) => pid !== product.pid),
    sshd: below.filter(isSshd),
    tmux: [...below.filter((pid) => !isSshd(pid)), ...remote.hosts.map(({ tmuxPid }) => tmuxPid)],
  };
}

const roleOf: Record<Group, string> = { supervisor: 'of that: supervisor', ssh: 'of that: ssh and own tmux here', sshd: 'of that: sshd there', tmux: 'of that: tmux and sh there' };

function cpuOutcome(count: number, shares: Record<Group, number>[], others: Others): Outcome {
  const perHost = (of: readonly Group[]) => shares.map((share) => of.reduce((sum, group) => sum + share[group], 0) / count);
  return {
    title: `Idle CPU of both ends per host, ${count} host${count === 1 ? '' : 's'} × ${sessionsPerHost} sessions`,
    unit: '%',
    note: 'Percent of one core. Polls and floors are one host alone, the process that asks not counted; agents off.',
    series: [
      { role: 'ours', name: 'the built product', samples: perHost(groups), targets: [{ of: 'median', atMost: 0.05 }] },
      ...groups.map((group) => ({ role: 'part' as const, name: roleOf[group], samples: perHost([group]) })),
      { role: 'baseline', name: '3 spawns ssh … tmux … every 2 s, ControlMaster', samples: others.master },
      { role: 'baseline', name: '3 spawns ssh … tmux … every 2 s, cold', samples: others.cold },
      { role: 'floor', name: 'ssh, sshd, tmux: a channel that subscribes', samples: others.subscribed },
      { role: 'floor', name: 'the same, and lists every 2 s', samples: others.listed },
      { role: 'floor', name: 'one Node with an empty timer, 1 s', samples: others.node },
    ],
  };
}

function memoryOutcome(count: number, product: Product, remote: Remote): Outcome {
  const { ssh } = groupsOf(product, remote);
  return {
    title: `Memory, ${count} host${count === 1 ? '' : 's'} × ${sessionsPerHost} sessions`,
    unit: 'MB',
    series: [
      { role: 'ours', name: 'supervisor, RSS', samples: [rssMb(product.pid)], targets: [{ of: 'median', atMost: 150 }] },
      { role: 'part', name: 'supervisor, PSS', samples: [pssMb(product.pid)] },
      { role: 'part', name: `ssh and own tmux here, PSS (${ssh.length} processes)`, samples: [ssh.reduce((sum, pid) => sum + pssMb(pid), 0)] },
    ],
  };
}

/** Percent of a core at both ends for one host: the seed's way, and the floors. */
async function withoutCockpit(): Promise<Others> {
  const remote = await startRemote(1, sessionsPerHost);
  try {
    const [host] = remote.hosts;
    if (!host) throw new Error('no host');
    // Makes the master that the polls go over.
    await remote.shell(host.alias);
    const share = async (over: 'master' | 'cold') => {
      const poller = startPoller(remote, host, over, 'three');
      const startedMs = endedChildrenMs(process.pid);
      const far = await cpuWindow(windowMs, () => ({ far: [...withDescendants(remote.sshd.pid, processes()), host.tmuxPid] }));
      const nearMs = endedChildrenMs(process.pid) - startedMs;
      await poller.stop();
      return far.far + (100 * nearMs) / windowMs;
    };
    const master = [await share('master')];
    const cold = [await share('cold')];
    const { subscribed, listed } = await channelFloor(remote, host, windowMs);
    return { master, cold, subscribed: [subscribed], listed: [listed], node: [await nodeFloor(windowMs)] };
  } finally {
    await remote.stop();
  }
}
