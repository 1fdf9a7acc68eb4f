import { agentSocketOf } from '../../../src/supervisor/agents/wantedAgents.ts';
import { agentSessionName } from '../../../src/supervisor/adapters/tmux/local/agentServer.ts';
import { safeName } from '../../../src/supervisor/adapters/tmux/local/tmuxText.ts';
import { viewerSessionName } from '../../../src/supervisor/adapters/tmux/local/viewerServer.ts';
import type { HostView, SessionView } from '../../../src/supervisor/protocol/statusView.ts';
import { processesNaming, type OwnProcess } from '../ownProcesses.ts';
import type { World, WorldHost } from './world.ts';

/** What must not change by any damage. `threads` learns each session's thread at its first sight. */
export type Kept = { threads: Map<string, string>; selectedHost: string; focus: 'remote' | 'agent'; wake: Record<string, boolean> };

type Pane = { session: string; key: string; role: string; dead: boolean; pid: number; launched: number };
const paneFormat = ['pane_dead', 'pane_pid', '@cockpit_pid', '@cockpit_window', '@cockpit_role', 'session_name'].map((name) => `#{${name}}`).join('|');

/** Everything that is not as it has to be, one line each; empty when cockpit is whole. */
export async function violations(world: World, kept: Kept): Promise<string[]> {
  const { paths } = world.cockpit;
  const [status, viewers, agents, outer, remotes] = await Promise.all([
    world.status(),
    panes(world, paths.viewerTmux),
    panes(world, paths.agentTmux),
    panes(world, paths.outerTmux),
    Promise.all(world.hosts.map((host) => remoteOf(world, host))),
  ]);
  const processes = processesNaming(paths.dataDir);
  const wrong: string[] = [];
  const expect = (holds: boolean, what: string) => {
    if (!holds) wrong.push(what);
  };
  expect(status.selected.host === kept.selectedHost && status.selected.focus === kept.focus, `selection is ${JSON.stringify(status.selected)}`);
  for (const [index, { alias }] of world.hosts.entries()) {
    const host = status.hosts.find((one) => one.alias === alias);
    const remote = remotes[index];
    if (!host || !remote) {
      wrong.push(`no host ${alias}`);
      continue;
    }
    expect(host.wake === kept.wake[alias], `${alias}: wake is ${host.wake}`);
    wrong.push(...hostFaults(host, remote), ...viewerFaults(host, remote, viewers), ...outerFaults(alias, outer));
    for (const session of host.sessions) wrong.push(...agentFaults(session, kept, agents, processes, agentSocketOf(paths, session.key)));
  }
  const sessions = status.hosts.flatMap((host) => host.sessions).length;
  wrong.push(...doubles(world, processes, sessions));
  return wrong;
}

type Remote = { sessions: string[]; /** session id of each attached viewer */ viewers: string[]; controlClients: number };

async function remoteOf(world: World, host: WorldHost): Promise<Remote> {
  const sessions = await world.remote(host, 'list-sessions', '-F', '#{session_id} #{session_name}');
  const clients = (await world.remote(host, 'list-clients', '-F', '#{client_control_mode} #{session_id}')).split('\n').filter(Boolean);
  return {
    sessions: sessions.split('\n').filter((line) => line.includes(' cockpit-')),
    viewers: clients.filter((line) => line.startsWith('0 ')).map((line) => line.slice(2)),
    controlClients: clients.filter((line) => line.startsWith('1 ')).length,
  };
}

function hostFaults(host: HostView, remote: Remote): string[] {
  const known = host.sessions.map(({ id, name }) => `${id} ${name}`);
  return [
    ...(host.state === 'online' && host.lastError === null ? [] : [`${host.alias}: ${host.state} ${host.lastError ?? ''}`]),
    ...(known.toSorted().join() === remote.sessions.toSorted().join() ? [] : [`${host.alias}: knows ${known.join()} of ${remote.sessions.join()}`]),
    // The main channel, and two that watch.
    ...(remote.controlClients <= 3 ? [] : [`${host.alias}: ${remote.controlClients} control clients`]),
    ...host.sessions.filter(({ owner }) => owner !== 'agent' && owner !== 'human').map(({ id, owner }) => `${host.alias}/${id}: owner ${owner}`),
  ];
}

function viewerFaults(host: HostView, remote: Remote, seen: Pane[]): string[] {
  const windows = seen.filter(({ session }) => session === viewerSessionName(host.alias));
  // A host without sessions says so instead (PAIR-6).
  const role = host.sessions.length === 0 ? 'placeholder' : 'viewer';
  const faults = windows.filter((pane) => !isWhole(pane, role)).map((pane) => `${host.alias}: viewer pane ${JSON.stringify(pane)}`);
  const [have, want] = [windows.map(({ key }) => key).sort(), host.sessions.length === 0 ? ['placeholder'] : host.sessions.map(({ id }) => `s${id.slice(1)}`).sort()];
  if (have.join() !== want.join()) faults.push(`${host.alias}: viewer windows ${have.join()} of ${want.join()}`);
  const [attached, sessions] = [remote.viewers.toSorted(), host.sessions.map(({ id }) => id).sort()];
  if (attached.join() !== sessions.join()) faults.push(`${host.alias}: viewers attached to ${attached.join()} of ${sessions.join()}`);
  return faults;
}

function agentFaults(session: SessionView, kept: Kept, seen: Pane[], processes: OwnProcess[], socket: string): string[] {
  const { key, agent } = session;
  if (agent.threadId === null || agent.state !== 'idle' || agent.error !== null) return [`${key}: agent ${agent.state} ${agent.error ?? ''}`];
  const thread = kept.threads.get(key) ?? agent.threadId;
  kept.threads.set(key, thread);
  const faults: string[] = [];
  if (thread !== agent.threadId) faults.push(`${key}: thread ${agent.threadId} instead of ${thread}`);
  const mine = seen.filter((pane) => pane.session === agentSessionName(key));
  if (mine.length !== 1 || !mine.every((pane) => isWhole(pane, 'agent'))) faults.push(`${key}: agent panes ${JSON.stringify(mine)}`);
  const tuis = processes.filter(({ argv }) => argv[1] === 'resume' && argv.includes(`unix://${socket}`));
  if (tuis.length !== 1 || tuis[0]?.pid !== mine[0]?.pid || tuis[0]?.argv[2] !== thread) faults.push(`${key}: TUIs ${tuis.map(({ pid, argv }) => `${pid} ${argv[2]}`).join()} for ${thread}`);
  const servers = processes.filter(({ argv }) => argv[1] === 'app-server' && argv.includes(`unix://${socket}`));
  if (servers.length !== 1) faults.push(`${key}: ${servers.length} app-servers`);
  return faults;
}

function outerFaults(alias: string, seen: Pane[]): string[] {
  const halves = seen.filter(({ key }) => key === `h-${safeName(alias)}`);
  const roles = halves.map(({ role }) => role).join();
  return roles === 'remote,agent' && halves.every((pane) => isWhole(pane, pane.role)) ? [] : [`outer window of ${alias}: ${JSON.stringify(halves)}`];
}

/** Nothing of cockpit is there twice, and nothing that belongs to no session. */
function doubles({ cockpit: { paths } }: World, processes: OwnProcess[], sessions: number): string[] {
  const count = (what: string, wanted: number, test: (one: OwnProcess) => boolean) => {
    const found = processes.filter(test);
    return found.length === wanted ? [] : [`${found.length} ${what} instead of ${wanted}: ${found.map(({ pid, commandLine }) => `${pid} ${commandLine.slice(0, 120)}`).join('; ')}`];
  };
  const masters = new Set(processes.filter(({ commandLine }) => commandLine.endsWith('[mux]')).map(({ commandLine }) => commandLine));
  return [
    ...count('supervisors', 1, ({ argv }) => argv.at(-1) === 'supervise'),
    ...[paths.viewerTmux, paths.agentTmux, paths.outerTmux].flatMap((socket) => [
      ...count(`servers on ${socket}`, 1, ({ name, argv }) => name === 'tmux: server' && argv.includes(socket)),
      ...count(`control clients on ${socket}`, 1, ({ name, argv }) => name === 'tmux: client' && argv.includes(socket) && argv.includes('-C')),
    ]),
    ...count('people at the outer server', 1, ({ name, argv }) => name === 'tmux: client' && argv.includes(paths.outerTmux) && !argv.includes('-C')),
    ...count('app-servers', sessions, ({ argv }) => argv[1] === 'app-server'),
    ...count('TUIs', sessions, ({ argv }) => argv[1] === 'resume'),
    ...count('viewers', sessions, ({ argv }) => argv[1]?.endsWith('/viewer.sh') === true),
    ...count('ssh masters', masters.size, ({ commandLine }) => commandLine.endsWith('[mux]')),
  ];
}

async function panes(world: World, socket: string): Promise<Pane[]> {
  const lines = (await world.own(socket, 'list-panes', '-a', '-F', paneFormat)).split('\n').filter(Boolean);
  return lines.map((line) => {
    const [dead, pid, launched, key = '', role = '', ...session] = line.split('|');
    return { dead: dead === '1', pid: Number(pid), launched: Number(launched), key, role, session: session.join('|') };
  });
}

function isWhole(pane: Pane, role: string): boolean {
  return pane.role === role && !pane.dead && pane.pid === pane.launched;
}
