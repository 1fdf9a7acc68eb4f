import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startScriptedModel, type ScriptedModel } from '../../../src/demo/scriptedModel.ts';
import { api } from '../../../src/supervisor/protocol/api.ts';
import { connect } from '../../../src/supervisor/protocol/client.ts';
import type { StatusView } from '../../../src/supervisor/protocol/statusView.ts';
import { cockpitFixture, type CockpitFixture } from '../cockpit.ts';
import { scriptedProvider } from '../codex.ts';
import { processesTouching } from '../ownProcesses.ts';
import { until } from '../until.ts';
import { startSshd, type SshdFixture } from '../sshd.ts';

const run = promisify(execFile);
const entry = fileURLToPath(new URL('../../../src/cli/cockpit.ts', import.meta.url));

/** A host of the world: an ssh alias, and the socket of its own remote tmux server. */
export type WorldHost = { alias: string; socket: string };

/** Everything that cockpit works with, for real: sshd, remote tmux servers, Codex with a scripted model, and a person's terminal. */
export type World = {
  sshd: SshdFixture;
  model: ScriptedModel;
  cockpit: CockpitFixture;
  hosts: WorldHost[];
  /** The status, asked over the socket. */
  status(): Promise<StatusView>;
  /** Runs tmux at a host (beside ssh); '' where no server runs. */
  remote(host: WorldHost, ...args: string[]): Promise<string>;
  /** Starts a session at a host, and its tmux server if none runs. */
  newSession(host: WorldHost, name: string, command?: string): Promise<void>;
  /** Runs tmux on one of cockpit's own sockets; '' where no server runs. */
  own(socket: string, ...args: string[]): Promise<string>;
  /** Everything of cockpit that is alive: by command line or environment, and not the person's terminal. */
  alive(): string[];
  /** A person types `cockpit up` in a terminal (again). */
  up(): Promise<void>;
  /** What that terminal shows. */
  screen(): Promise<string>;
  /** `down` (checks that nothing is left), then ends everything of the world. */
  dispose(): Promise<void>;
};

/** Makes a world with these hosts; nothing of cockpit runs yet. `env` is cockpit's, `config` on top of the usual one. */
export async function chaosWorld(aliases: readonly string[], options: { env?: NodeJS.ProcessEnv; config?: Record<string, unknown> } = {}): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'ck-'));
  const terminal = join(dir, 'term.sock');
  const sshd = await startSshd({ aliases: [...aliases] });
  const model = await startScriptedModel();
  const cockpit = await cockpitFixture({ COCKPIT_SSH_CONFIG: sshd.configFile, ...options.env });
  const hosts = aliases.map((alias) => ({ alias, socket: join(sshd.dir, `${alias}.sock`) }));
  await cockpit.writeConfig({
    hosts: hosts.map(({ alias, socket }) => ({ alias, tmux_socket: socket })),
    local_agent_model: 'fake-model',
    codex_config: scriptedProvider(model.url),
    ...options.config,
  });
  const clean = { ...process.env, TMUX: undefined, TMUX_PANE: undefined, LC_ALL: 'C.UTF-8' };
  const ask = async (socket: string, args: string[]) => {
    try {
      return (await run('tmux', ['-N', '-S', socket, '-f', '/dev/null', ...args], { env: clean })).stdout.trimEnd();
    } catch {
      return ''; // no server, or it is ending: both are "nothing there" to who looks
    }
  };
  const world: World = {
    sshd, model, cockpit, hosts,
    async status() {
      const client = await connect(cockpit.paths, api, 'test');
      try {
        return await client.request('status', {});
      } finally {
        client.dispose();
      }
    },
    remote: (host, ...args) => ask(host.socket, args),
    async newSession(host, name, command = 'cat') {
      // With the remote HOME it belongs to sshd's world and ends with it.
      const make = () => run('tmux', ['-S', host.socket, '-f', '/dev/null', 'new-session', '-d', '-x', '100', '-y', '30', '-s', name, command], { env: { ...clean, HOME: sshd.home } });
      // A server that was just killed is met by the first try.
      await until(() => make().catch(async (error: unknown) => {
        if ((await ask(host.socket, ['list-sessions', '-F', '#{session_name}'])).split('\n').includes(name)) return true;
        throw error;
      }), { timeoutMs: 5_000, what: `${name} at ${host.alias}` });
    },
    own: (socket, ...args) => ask(socket, args),
    alive: () => processesTouching(cockpit.paths.dataDir).filter(({ argv }) => !argv.includes(terminal)).map(({ pid, commandLine }) => `${pid} ${commandLine.slice(0, 160)}`),
    async up() {
      const command = [process.execPath, entry, '--data-dir', cockpit.paths.dataDir, 'up'];
      const env = { ...cockpit.env, TMUX: undefined, TERM: 'xterm-256color' };
      if ((await ask(terminal, ['respawn-pane', '-k', '-t', 't:', ...command, ';', 'display-message', '-p', 'again'])) === 'again') return;
      await run('tmux', ['-S', terminal, '-f', '/dev/null', 'new-session', '-d', '-s', 't', '-x', '120', '-y', '40', ...command, ';', 'set-option', '-g', 'remain-on-exit', 'on', ';', 'set-option', '-g', 'status', 'off'], { env });
    },
    screen: () => ask(terminal, ['capture-pane', '-p', '-t', 't:']),
    async dispose() {
      await ask(terminal, ['kill-server']);
      try {
        await cockpit.dispose();
      } finally {
        await model.close();
        for (const host of hosts) await ask(host.socket, ['kill-server']);
        await sshd.stop();
        await rm(dir, { recursive: true, force: true });
      }
    },
  };
  return world;
}
