import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A person's own default tmux server, with a doorman in front of its socket who counts everybody that comes. */
export type PersonTmux = {
  /** `TMUX_TMPDIR` under which it is the default server. */
  tmpDir: string;
  /** How often anybody connected to the default socket. */
  visits(): number;
  /** Pid, sessions and options: what must not change. Asked behind the doorman's back. */
  state(): Promise<string>;
  stop(): Promise<void>;
};

/** Starts it with one session. */
export async function startPersonTmux(): Promise<PersonTmux> {
  const dir = await mkdtemp(join(tmpdir(), 'ck-'));
  const real = join(dir, 'real.sock');
  const env = { ...process.env, TMUX: undefined, TMUX_PANE: undefined, TMUX_TMPDIR: dir };
  const tmux = async (...args: string[]) => (await run('tmux', ['-f', '/dev/null', '-S', real, ...args], { env })).stdout;
  await tmux('new-session', '-d', '-s', 'mine', 'cat');
  const socketDir = join(dir, `tmux-${userInfo().uid}`);
  mkdirSync(socketDir, { mode: 0o700 });
  let visits = 0;
  const doorman = createServer((visitor) => {
    visits += 1;
    const server = connect(real);
    visitor.on('error', () => server.destroy()).pipe(server).on('error', () => visitor.destroy()).pipe(visitor);
  });
  await new Promise<void>((resolve) => doorman.listen(join(socketDir, 'default'), resolve));
  return {
    tmpDir: dir,
    visits: () => visits,
    state: () => tmux('display-message', '-p', '#{pid} #{start_time}', ';', 'list-panes', '-a', '-F', '#{session_id} #{session_name} #{session_created} #{session_attached} #{pane_id} #{pane_pid}', ';', 'show-options', '-g', ';', 'show-options', '-s', ';', 'show-options', '-gw', ';', 'show-hooks', '-g', ';', 'list-keys', ';', 'show-environment', '-g'),
    async stop() {
      await new Promise((resolve) => doorman.close(resolve));
      await tmux('kill-server');
      await rm(dir, { recursive: true, force: true });
    },
  };
}
