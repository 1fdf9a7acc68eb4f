import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { quote } from '../../src/supervisor/adapters/shell/shell.ts';
import { until } from './until.ts';

const exec = promisify(execFile);

/** A person's terminal: a pane of a tmux server of its own, in which one program runs. */
export type Terminal = {
  /** All that the terminal ever showed and that was not overwritten, wrapped lines joined. */
  screen(): Promise<string>;
  /** The rows on the screen now. */
  rows(): Promise<string[]>;
  type(text: string): Promise<void>;
  /** tmux key names: `Enter`, `C-c`, `F3`. */
  key(...names: string[]): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** Waits until the screen matches. */
  shows(pattern: RegExp): Promise<string>;
  /** Exit code of the program; null while it runs. */
  exitCode(): Promise<number | null>;
  ended(): Promise<number>;
  /** Ends the program and the terminal. */
  close(): Promise<void>;
};

/** Opens a terminal of a size and runs a program in it with exactly this environment (and TERM). */
export async function openTerminal(argv: string[], options: { env: NodeJS.ProcessEnv; columns?: number; rows?: number }): Promise<Terminal> {
  const dir = await mkdtemp(join(tmpdir(), 'ck-term-'));
  const { columns = 120, rows = 30 } = options;
  const run = async (...args: string[]) => (await exec('tmux', ['-u', '-f', '/dev/null', '-S', join(dir, 't'), ...args], { env: { ...process.env, TMUX: undefined } })).stdout.replace(/\n$/, '');
  const sets = Object.entries(options.env).flatMap(([name, value]) => (value === undefined || name === 'TERM' ? [] : [quote(`${name}=${value}`)]));
  // A script, because a command line of tmux is shorter than an environment may be.
  // It also keeps the exit code: tmux's own `pane_dead_status` is not always there.
  const exitFile = join(dir, 'exit');
  await writeFile(join(dir, 'run'), `trap : INT QUIT\nenv -i TERM="$TERM" ${sets.join(' ')} ${quote(...argv)}\necho $? >'${exitFile}'\n`, { mode: 0o700 });
  await run('set-option', '-g', 'remain-on-exit', 'on', ';', 'set-option', '-g', 'status', 'off', ';', 'new-session', '-d', '-s', 't', '-x', String(columns), '-y', String(rows), `exec sh '${join(dir, 'run')}'`);
  const terminal: Terminal = {
    screen: () => run('capture-pane', '-p', '-J', '-S', '-', '-t', 't'),
    rows: async () => (await run('capture-pane', '-p', '-t', 't')).split('\n'),
    type: async (text) => { await run('send-keys', '-l', '-t', 't', '--', text); },
    key: async (...names) => { await run('send-keys', '-t', 't', ...names); },
    resize: async (wide, high) => { await run('resize-window', '-t', 't', '-x', String(wide), '-y', String(high)); },
    shows: async (pattern) => {
      let screen = '';
      try {
        return await until(async () => ((screen = await terminal.screen()), pattern.test(screen) ? screen : null), { what: String(pattern), timeoutMs: 20_000 });
      } catch (error) {
        throw new Error(`the terminal does not show ${String(pattern)} but:\n${screen}`, { cause: error });
      }
    },
    exitCode: async () => {
      const text = existsSync(exitFile) ? await readFile(exitFile, 'utf8') : '';
      return text.endsWith('\n') ? Number(text) : null;
    },
    ended: async () => {
      await until(async () => (await terminal.exitCode()) !== null, { what: 'the program in the terminal ends', timeoutMs: 20_000 });
      return (await terminal.exitCode()) ?? NaN;
    },
    async close() {
      await run('kill-server');
      await rm(dir, { recursive: true, force: true });
    },
  };
  return terminal;
}
