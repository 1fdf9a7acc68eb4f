import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isPaneId, isSessionId, type PaneId, type SessionId } from '../../src/supervisor/domain/ids.ts';
import { codeOf } from '../../src/supervisor/base/errors.ts';
import { until } from './until.ts';

const exec = promisify(execFile);

export type TmuxPane = { id: SessionId; paneId: PaneId };
/** A pane whose program reads raw bytes and keeps every one of them. */
export type RawPane = TmuxPane & { read(): Promise<Buffer> };

/** A real tmux server of its own; `dir` is for the test's files. */
export type TmuxFixture = {
  socket: string;
  dir: string;
  /** Runs a tmux command (argv) and returns what it prints, without the last newline. */
  run(...args: string[]): Promise<string>;
  newSession(name: string, command?: string): Promise<TmuxPane>;
  /** A session with a raw logger; `bracketed` asks for bracketed paste. */
  rawPane(name: string, options?: { bracketed?: boolean }): Promise<RawPane>;
  /** Ends the server and removes `dir`. */
  stop(): Promise<void>;
};

/** Starts a tmux server with one session, `cockpit-keep`, which holds the server up. */
export async function startTmux(): Promise<TmuxFixture> {
  const dir = await mkdtemp(join(tmpdir(), 'ck-'));
  const socket = join(dir, 't.sock');
  const env = { ...process.env, LC_ALL: 'C.UTF-8', TMUX: undefined, TMUX_PANE: undefined };
  const run = async (...args: string[]) => (await exec('tmux', ['-u', '-f', '/dev/null', '-S', socket, ...args], { env, maxBuffer: 1 << 26 })).stdout.replace(/\n$/, '');
  let logs = 0;
  const fixture: TmuxFixture = {
    socket,
    dir,
    run,
    async newSession(name, command = 'exec cat') {
      const [id = '', paneId = ''] = (await run('new-session', '-d', '-P', '-F', '#{session_id} #{pane_id}', '-x', '80', '-y', '24', '-s', name, command)).split(' ');
      if (!isSessionId(id) || !isPaneId(paneId)) throw new Error(`no ids: ${id} ${paneId}`);
      return { id, paneId };
    },
    async rawPane(name, options = {}) {
      const log = join(dir, `raw-${++logs}`);
      const pane = await fixture.newSession(name, `stty raw -echo; ${options.bracketed ? "printf '\\033[?2004h'; " : ''}printf ready; exec cat > '${log}'`);
      await until(async () => (await run('capture-pane', '-p', '-t', pane.paneId)).startsWith('ready'));
      return { ...pane, read: () => readOrEmpty(log) };
    },
    async stop() {
      const pid = Number(await run('display-message', '-p', '#{pid}').catch(() => '0'));
      await run('kill-server').catch(ignoreNoServer);
      if (pid > 0) await endFor(pid);
      await rm(dir, { recursive: true, force: true });
    },
  };
  await fixture.newSession('cockpit-keep');
  return fixture;
}

async function readOrEmpty(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

/** tmux 3.3 waits for ever for a control client that was killed with output unread, so a server that does not end by itself is killed. */
async function endFor(pid: number): Promise<void> {
  const graceMs = performance.now() + 1_000;
  await until(() => !isRunning(pid) || performance.now() > graceMs, { what: 'the tmux server ends' });
  if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  await until(() => !isRunning(pid), { what: 'the killed tmux server ends' });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function ignoreNoServer(error: unknown): void {
  if (!/no server running|error connecting|lost server|server exited/.test(String(error))) throw error;
}
