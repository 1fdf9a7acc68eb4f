import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createLocalShell } from '../../../src/supervisor/adapters/shell/localShell.ts';
import { quote } from '../../../src/supervisor/adapters/shell/shell.ts';
import { decodeUtf8, linesOf, plainCommand } from '../../../src/supervisor/adapters/tmux/command.ts';
import { ControlChannel } from '../../../src/supervisor/adapters/tmux/controlChannel.ts';
import { createLogger } from '../../../src/supervisor/base/logger.ts';
import { until } from '../../support/until.ts';

const run = promisify(execFile);

/** What the keys of a terminal send. */
export const keys = { F1: '\u001bOP', 'Shift-F1': '\u001b[1;2P', F2: '\u001bOQ', 'Shift-F2': '\u001b[1;2Q', F3: '\u001bOR', F5: '\u001b[15~', F12: '\u001b[24~', Enter: '\r' } as const;

/** A person at a terminal emulator of a size: a pane of an outermost tmux server, asked over a control channel, so that a look takes a millisecond. */
export type Person = {
  screen(options?: { styles?: boolean }): Promise<string>;
  rows(): Promise<string[]>;
  /** Types bytes as the terminal sends them. */
  type(bytes: string): Promise<void>;
  press(key: keyof typeof keys): Promise<void>;
  /** A mouse event in SGR form at a column and row from 1; button 0 is left, 32 a drag of it, 64 wheel up, 65 wheel down. */
  mouse(button: number, column: number, row: number, up?: boolean): Promise<void>;
  click(column: number, row: number): Promise<void>;
  /** What programs put on this terminal's clipboard (OSC 52). */
  clipboard(): Promise<string>;
  /** Waits until the screen says all of these. */
  shows(...what: (string | RegExp)[]): Promise<string>;
  /** Waits for the end of the program; its exit code. */
  ended(): Promise<number>;
  close(): Promise<void>;
};

/** Starts a program in a terminal, with exactly this environment (and TERM). */
export async function personAt(columns: number, rows: number, argv: string[], env: NodeJS.ProcessEnv): Promise<Person> {
  const dir = await mkdtemp(join(tmpdir(), 'ck-'));
  const socket = join(dir, 'terminal');
  const shell = createLocalShell('terminal', createLogger(() => undefined));
  await shell.connect();
  const words = Object.entries(env).flatMap(([name, value]) => (value === undefined || name === 'TERM' || name.startsWith('TMUX') ? [] : [quote(`${name}=${value}`)]));
  await writeFile(join(dir, 'run'), `stty sane; exec env -i TERM=xterm-256color ${words.join(' ')} ${quote(...argv)}\n`, { mode: 0o700 });
  const options = [['-s', 'escape-time', '0'], ['-s', 'set-clipboard', 'on'], ['-g', 'status', 'off'], ['-g', 'prefix', 'None'], ['-g', 'remain-on-exit', 'on']].flatMap((words_) => ['set-option', ...words_, ';']);
  const start = ['-u', '-f', '/dev/null', '-S', socket, 'start-server', ';', ...options, 'new-session', '-d', '-x', String(columns), '-y', String(rows), '-s', 'keep', '-n', 'keep', 'cat', ';', 'new-window', '-d', '-t', 'keep:', `exec sh '${join(dir, 'run')}'`];
  await run('tmux', start, { env: { ...process.env, TMUX: undefined, LC_ALL: 'C.UTF-8' } });
  const channel = await ControlChannel.open(shell, { tmuxSocket: socket, target: '$0', flags: ['ignore-size', 'no-output'] });
  const ask = async (line: string) => await channel.request({ line, composite: false, parse: (blocks) => decodeUtf8(linesOf(blocks).join('\n')) });
  const pane = '%1';
  const type = async (bytes: string) => {
    await channel.request(plainCommand(`send-keys -t ${pane} -H ${Array.from(Buffer.from(bytes), (byte) => byte.toString(16)).join(' ')}`));
  };
  const mouse = async (button: number, column: number, row: number, up = false) => { await type(`\u001b[<${button};${column};${row}${up ? 'm' : 'M'}`); };
  const person: Person = {
    screen: ({ styles = false } = {}) => ask(`capture-pane -p ${styles ? '-e ' : ''}-t ${pane}`),
    rows: async () => (await person.screen()).split('\n'),
    type,
    press: (key) => type(keys[key]),
    mouse,
    async click(column, row) {
      await mouse(0, column, row);
      await mouse(0, column, row, true);
    },
    clipboard: () => ask('show-buffer'),
    async shows(...what) {
      let screen = '';
      const isThere = (one: string | RegExp) => (typeof one === 'string' ? screen.includes(one) : one.test(screen));
      try {
        return await until(async () => ((screen = await person.screen()), what.every(isThere) ? screen : null), { timeoutMs: 20_000, what: what.join(' and ') });
      } catch (error) {
        throw new Error(`the terminal does not show ${what.join(' and ')} but:\n${screen}`, { cause: error });
      }
    },
    async ended() {
      const format = '"#{pane_dead} #{pane_dead_status}"';
      const look = async () => {
        // tmux can miss the SIGCHLD of a program that ends while it is busy; the end of any other child makes it reap all.
        await ask('run-shell -b :');
        return /^1 (\d+)$/.exec(await ask(`display-message -p -t ${pane} ${format}`));
      };
      return Number((await until(look, { timeoutMs: 20_000, what: 'the program ends' }))[1]);
    },
    async close() {
      channel.dispose();
      shell.dispose();
      await run('tmux', ['-S', socket, 'kill-server']);
      await rm(dir, { recursive: true, force: true });
    },
  };
  return person;
}
