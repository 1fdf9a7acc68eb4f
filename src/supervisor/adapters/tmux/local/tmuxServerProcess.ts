import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { delay } from '../../../base/clock.ts';
import type { Disposable } from '../../../base/disposable.ts';
import { CockpitError, messageOf } from '../../../base/errors.ts';
import { Emitter, type Event } from '../../../base/event.ts';
import type { Logger } from '../../../base/logger.ts';
import { isSessionId, type SessionId } from '../../../domain/ids.ts';
import type { Shell } from '../../shell/shell.ts';
import { linesOf, type Block, type TmuxCommand } from '../command.ts';
import { ControlChannel } from '../controlChannel.ts';
import type { TmuxNotification } from '../notifications.ts';
import { toArgv, toCommandLine, type Words } from './tmuxText.ts';

const run = promisify(execFile);

/** A tmux server of cockpit's own. */
export type TmuxServerOptions = {
  /** Socket path. */
  socket: string;
  /** Options and bindings, run at every connect; they must be such that running them twice is the same as once. */
  setup: readonly Words[];
  /** The session that cockpit's control client is attached to, and what runs in it. It is made if it is missing. */
  keepSession: { name: string; argv: string[] };
  /** Environment of the server, and so of panes that have no own one. */
  env: Record<string, string>;
  /** Shell of the local machine. */
  shell: Shell;
  logger: Logger;
};

/** Starting right behind the end of the old server fails some times ("server exited unexpectedly"). */
const startAttempts = 10;
const startPauseMs = 100;

/** Keeps one tmux server running and one control client on it; commands and notifications go through that client. */
export class TmuxServerProcess implements Disposable {
  /** Starts under way in this process: who ends a server waits for them, or it comes up again behind the end. */
  static readonly #starts = new Map<string, Promise<unknown>>();

  readonly socket: string;
  readonly #options: TmuxServerOptions;
  readonly #notifications = new Emitter<TmuxNotification>();
  readonly #didDie = new Emitter<{ reason: string }>();
  #channel: ControlChannel | null = null;
  #opening: Promise<ControlChannel> | null = null;
  #disposed = false;

  readonly onNotification: Event<TmuxNotification> = this.#notifications.event;
  /** The server or cockpit's client on it has ended; the next `run` or `ensure` starts it again. */
  readonly onDidDie: Event<{ reason: string }> = this.#didDie.event;

  /** Resolves when nothing in this process starts the server on `socket` any more; dispose of who keeps it first. */
  static async whenQuiet(socket: string): Promise<void> {
    await Promise.allSettled([TmuxServerProcess.#starts.get(socket)]);
  }

  constructor(options: TmuxServerOptions) {
    this.socket = options.socket;
    this.#options = options;
  }

  /** Starts the server if it does not run, sets its options and attaches the control client. */
  async ensure(): Promise<void> {
    await this.#open();
  }

  /** Runs commands as one list, which ends at the first that fails (then rejects with `TmuxError`); the lines of each. */
  async run(commands: readonly Words[]): Promise<string[][]> {
    const channel = await this.#open();
    return channel.request(listCommand(commands));
  }

  /** Lets go of the server; it goes on running. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#channel?.dispose();
    this.#channel = null;
    this.#notifications.dispose();
    this.#didDie.dispose();
  }

  async #open(): Promise<ControlChannel> {
    if (this.#disposed) throw new CockpitError('disposed', 'the tmux server was let go of');
    if (this.#channel) return this.#channel;
    this.#opening ??= this.#connect().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #connect(): Promise<ControlChannel> {
    const starting = this.#start();
    TmuxServerProcess.#starts.set(this.socket, starting);
    const target = await starting;
    const { shell, socket } = this.#options;
    const channel = await ControlChannel.open(shell, { tmuxSocket: socket, target, flags: ['ignore-size', 'no-output'] });
    if (this.#disposed) {
      channel.dispose();
      throw new CockpitError('disposed', 'the tmux server was let go of');
    }
    this.#channel = channel;
    channel.onNotification((event) => {
      this.#notifications.fire(event);
    });
    channel.onDidClose(({ reason }) => {
      this.#channel = null;
      channel.dispose();
      this.#options.logger.info('local tmux server ended', { socket, reason });
      this.#didDie.fire({ reason });
    });
    return channel;
  }

  /** The keep-alive session's id, from a server that runs with all its options set. */
  async #start(): Promise<SessionId> {
    await mkdir(dirname(this.socket), { recursive: true, mode: 0o700 });
    const { setup, keepSession } = this.#options;
    const target = `=${keepSession.name}:`;
    const ask: Words[] = [...setup, ['display-message', '-p', '-t', target, '#{session_id}']];
    const make: Words[] = [['start-server'], ...setup, ['new-session', '-d', '-s', keepSession.name, '-P', '-F', '#{session_id}', ...keepSession.argv]];
    for (let attempt = 1; ; attempt += 1) {
      const asked = await this.#spawn(ask, ['-N']).catch(() => ''); // no server, or none with that session: it is made
      if (isSessionId(asked)) return asked;
      if (this.#disposed) throw new CockpitError('disposed', 'the tmux server was let go of');
      try {
        const made = await this.#spawn(make, []);
        if (isSessionId(made)) return made;
        throw new CockpitError('tmux-start', `tmux printed no session id: ${made}`);
      } catch (error) {
        if (attempt === startAttempts || this.#isOver()) throw new CockpitError('tmux-start', `the tmux server on ${this.socket} does not start: ${messageOf(error)}`, { cause: error });
        await delay(startPauseMs);
      }
    }
  }

  /** A method, because it may be let go of while it waits. */
  #isOver(): boolean {
    return this.#disposed;
  }

  async #spawn(commands: readonly Words[], flags: readonly string[]): Promise<string> {
    const argv = ['-S', this.socket, '-f', '/dev/null', ...flags, ...toArgv(commands)];
    const { stdout } = await run('tmux', argv, { env: this.#options.env, timeout: 5_000 });
    return stdout.trim();
  }
}

function listCommand(commands: readonly Words[]): TmuxCommand<string[][]> {
  return {
    line: toCommandLine(commands),
    composite: true,
    parse(blocks: Block[]) {
      return blocks.map((block) => linesOf([block]));
    },
  };
}
