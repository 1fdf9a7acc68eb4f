import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createLocalShell } from '../../../src/supervisor/adapters/shell/localShell.ts';
import { AgentServer, type AgentPane } from '../../../src/supervisor/adapters/tmux/local/agentServer.ts';
import { endServers } from '../../../src/supervisor/adapters/tmux/local/endServers.ts';
import { OuterServer } from '../../../src/supervisor/adapters/tmux/local/outerServer.ts';
import { viewerCommand } from '../../../src/supervisor/adapters/tmux/local/viewerCommand.ts';
import { ViewerServer, type ViewerHost } from '../../../src/supervisor/adapters/tmux/local/viewerServer.ts';
import { systemClock } from '../../../src/supervisor/base/clock.ts';
import { createLogger } from '../../../src/supervisor/base/logger.ts';
import type { SessionId } from '../../../src/supervisor/domain/ids.ts';
import { pathsOf, type Paths } from '../../../src/supervisor/protocol/paths.ts';

const run = promisify(execFile);

/** Runs `tmux -S socket` and gives its output without the last newline. */
export async function tmux(socket: string, ...args: string[]): Promise<string> {
  const { stdout } = await run('tmux', ['-N', '-S', socket, '-f', '/dev/null', ...args], { env: cleanEnv });
  return stdout.replace(/\n$/, '');
}

const cleanEnv = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TMUX')));

/** The three local servers with a pretended remote tmux beside them, and terminals of a person that look at the outer one. */
export type TerminalFixture = {
  dir: string;
  paths: Paths;
  viewer: ViewerServer;
  agent: AgentServer;
  outer: OuterServer;
  warnings: string[];
  /** Socket of the pretended remote. */
  remote: string;
  /** Starts a session on the remote; `script` runs in it. */
  remoteSession(name: string, script: string): Promise<{ id: SessionId; name: string; attachArgv: string[] }>;
  /** Sessions of a host for `viewer.apply`. */
  host(alias: string, sessions: ViewerHost['sessions']): ViewerHost;
  agentPane(alias: string, key: string, script?: string): AgentPane;
  /** A person's terminal of that size on the outer server. */
  terminal(columns: number, rows: number, env?: Record<string, string>): Promise<Terminal>;
  /** Two hosts in all three servers: `ai` with sessions `main` and `two` and their agents, `gpu` empty; selected: `ai`, first session, remote. */
  usual(): Promise<{ main: ViewerHost['sessions'][number]; two: ViewerHost['sessions'][number] }>;
  /** The same three servers as a supervisor sees them that has just started; the caller disposes of them. */
  secondSupervisor(): [ViewerServer, AgentServer, OuterServer];
  close(): Promise<void>;
};

/** A terminal emulator (a tmux pane) of a person. */
export type Terminal = {
  screen(options?: { styles?: boolean }): Promise<string>;
  /** Types bytes as the terminal would send them. */
  type(bytes: string): Promise<void>;
  /** A mouse event in SGR form at a column and row from 1; button 0 is left, 64 wheel up. */
  mouse(button: number, column: number, row: number): Promise<void>;
  /** What programs put on this terminal's clipboard. */
  clipboard(): Promise<string>;
};

export async function openTerminalFixture(env: NodeJS.ProcessEnv = process.env): Promise<TerminalFixture> {
  const dir = await mkdtemp(join(tmpdir(), 'ck-'));
  const paths = pathsOf(dir);
  const remote = join(dir, 'remote.tmux');
  const terminals = join(dir, 'terminals.tmux');
  const warnings: string[] = [];
  const logger = createLogger((line) => warnings.push(line), 'warn');
  const shell = createLocalShell('here', logger);
  await shell.connect();
  const deps = { paths, shell, clock: systemClock, logger, env };
  const outer = new OuterServer(deps);
  const viewer = new ViewerServer(deps);
  const agent = new AgentServer({ ...deps, terminalTty: (alias) => outer.agentTty(alias) });
  await run('tmux', ['-S', remote, '-f', '/dev/null', 'new-session', '-d', '-s', 'keep', 'tail', '-f', '/dev/null'], { env: cleanEnv });
  const setTerminals = ['set-option', '-s', 'escape-time', '0', ';', 'set-option', '-g', 'status', 'off', ';', 'set-option', '-s', 'set-clipboard', 'on', ';', 'set-option', '-g', 'prefix', 'None', ';', 'set-option', '-g', 'remain-on-exit', 'on'];
  await run('tmux', ['-S', terminals, '-f', '/dev/null', 'new-session', '-d', '-s', 'keep', 'tail', '-f', '/dev/null', ';', ...setTerminals], { env: cleanEnv });
  let count = 0;
  const fixture: TerminalFixture = {
    dir, paths, viewer, agent, outer, warnings, remote,
    async remoteSession(name, script) {
      const id = (await tmux(remote, 'new-session', '-d', '-s', name, '-P', '-F', '#{session_id}', 'sh', '-c', script)) as SessionId;
      return { id, name, attachArgv: shell.attachArgv(viewerCommand(remote, id), 0) };
    },
    host: (alias, sessions) => ({ alias, note: `${alias} has no cockpit sessions.`, sessions }),
    agentPane: (alias, key, script = `echo "AGENT ${key}"; exec cat`) => ({ key, alias, label: key, launch: { argv: ['sh', '-c', script], env: { PATH: process.env['PATH'] ?? '', ONLY: 'this' }, cwd: dir } }),
    async terminal(columns, rows, more = {}) {
      const name = `t${count++}`;
      const words = Object.entries({ TERM: 'xterm-256color', ...more }).map(([key, value]) => `${key}=${value}`);
      await tmux(terminals, 'new-session', '-d', '-x', String(columns), '-y', String(rows), '-s', name, 'env', ...words, ...outer.attachArgv());
      const target = `=${name}:`;
      const type = async (bytes: string) => {
        await tmux(terminals, 'send-keys', '-t', target, '-H', ...Array.from(Buffer.from(bytes), (byte) => byte.toString(16)));
      };
      return {
        screen: ({ styles = false } = {}) => tmux(terminals, 'capture-pane', '-p', ...(styles ? ['-e'] : []), '-t', target),
        type,
        mouse: (button, column, row) => type(`\u001b[<${button};${column};${row}M${button < 64 ? `\u001b[<${button};${column};${row}m` : ''}`),
        clipboard: () => tmux(terminals, 'show-buffer'),
      };
    },
    async usual() {
      const main = await fixture.remoteSession('cockpit-main', 'echo "REMOTE main"; exec cat');
      const two = await fixture.remoteSession('cockpit-two', 'echo "REMOTE two"; exec cat');
      await Promise.all([
        viewer.apply([fixture.host('ai', [main, two]), fixture.host('gpu', [])]),
        agent.apply([fixture.agentPane('ai', 'ai~1'), fixture.agentPane('ai', 'ai~2')], [{ alias: 'gpu', note: 'No agents on gpu yet.' }]),
        outer.apply([{ alias: 'ai', needs: 2 }, { alias: 'gpu', needs: 0 }]),
      ]);
      await Promise.all([viewer.show('ai', main.id), agent.show('ai', 'ai~1'), outer.select('ai', 'remote')]);
      return { main, two };
    },
    secondSupervisor() {
      const second = new OuterServer(deps);
      return [new ViewerServer(deps), new AgentServer({ ...deps, terminalTty: (alias) => second.agentTty(alias) }), second];
    },
    async close() {
      outer.dispose();
      viewer.dispose();
      agent.dispose();
      shell.dispose();
      await endServers(paths);
      await tmux(remote, 'kill-server');
      await tmux(terminals, 'kill-server');
      await rm(dir, { recursive: true, force: true });
    },
  };
  return fixture;
}
