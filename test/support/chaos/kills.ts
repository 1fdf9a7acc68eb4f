import { processesNaming, type OwnProcess } from '../ownProcesses.ts';
import { pick } from './random.ts';
import type { World } from './world.ts';

/** One way to do damage; it tells what it hit. `link`: what comes back waits for a reconnect, whose backoff earlier damage may have doubled. What a person does about it is started at once and may go on (`help`). */
export type Kill = { name: string; link: boolean; run(world: World, random: () => number): Promise<string>; help?(world: World): Promise<unknown> };

/** Everything that cockpit depends on, each killed in the hardest way it can be. */
export const kills: readonly Kill[] = [
  { name: 'viewer process', link: false, run: killOne(({ argv }) => argv[1]?.endsWith('/viewer.sh') === true) },
  { name: 'half of the terminal', link: false, run: killOne(({ argv }) => argv[1]?.endsWith('/half.sh') === true) },
  { name: 'agent TUI', link: false, run: killOne(({ argv }) => argv[1] === 'resume') },
  { name: 'app-server', link: false, run: killOne(({ argv }) => argv[1] === 'app-server') },
  { name: 'ssh child', link: true, run: killOne(({ argv, name }) => name === 'ssh' && argv.length > 1 && argv.includes('ControlMaster=no')) },
  { name: 'ssh master', link: true, run: killOne(({ commandLine }) => commandLine.endsWith('[mux]')) },
  { name: 'viewer pane', link: false, run: killPane('viewerTmux') },
  { name: 'agent pane', link: false, run: killPane('agentTmux') },
  { name: 'pane of the terminal', link: false, run: killPane('outerTmux') },
  { name: 'viewer server', link: false, run: killServer('viewerTmux') },
  { name: 'agent server', link: false, run: killServer('agentTmux') },
  {
    name: 'outer server',
    link: false,
    run: killServer('outerTmux'),
    help: (world) => world.up(),
  },
  {
    name: 'connections in sshd',
    link: true,
    run(world) {
      world.sshd.killConnections();
      return Promise.resolve('all');
    },
  },
  {
    name: 'remote tmux server',
    link: false,
    async run(world, random) {
      const host = pick(world.hosts, random);
      const pid = Number(await world.remote(host, 'display-message', '-p', '#{pid}'));
      process.kill(pid, 'SIGKILL');
      await world.newSession(host, `cockpit-back-${pid}`);
      return host.alias;
    },
  },
  {
    name: 'supervisor',
    link: false,
    run: killOne(({ argv }) => argv.at(-1) === 'supervise'),
    help: (world) => world.cockpit.must('up', '--no-attach'),
  },
];

function killOne(test: (one: OwnProcess) => boolean): Kill['run'] {
  return (world, random) => {
    const victim = pick(processesNaming(world.cockpit.paths.dataDir).filter(test), random);
    end(victim.pid);
    return Promise.resolve(`${victim.pid} ${victim.commandLine.slice(-60)}`);
  };
}

function killPane(socket: 'viewerTmux' | 'agentTmux' | 'outerTmux'): Kill['run'] {
  return async (world, random) => {
    const path = world.cockpit.paths[socket];
    const panes = (await world.own(path, 'list-panes', '-a', '-f', '#{@cockpit_role}', '-F', '#{pane_id} #{@cockpit_role} #{session_name}')).split('\n').filter(Boolean);
    const pane = pick(panes, random);
    await world.own(path, 'kill-pane', '-t', pane.split(' ')[0] ?? '');
    return pane;
  };
}

/** Now by `kill-server`, now with SIGKILL. */
function killServer(socket: 'viewerTmux' | 'agentTmux' | 'outerTmux'): Kill['run'] {
  return async (world, random) => {
    const path = world.cockpit.paths[socket];
    if (random() < 0.5) {
      await world.own(path, 'kill-server');
      return 'kill-server';
    }
    const pid = Number(await world.own(path, 'display-message', '-p', '#{pid}'));
    end(pid);
    return `SIGKILL ${pid}`;
  };
}

function end(pid: number): void {
  if (!(pid > 1)) throw new Error(`no pid: ${pid}`);
  process.kill(pid, 'SIGKILL');
}
