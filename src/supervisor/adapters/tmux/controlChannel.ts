import type { SessionId } from '../../domain/ids.ts';
import type { Disposable } from '../../base/disposable.ts';
import { CockpitError, messageOf } from '../../base/errors.ts';
import { Emitter, type Event } from '../../base/event.ts';
import { quote, type Channel, type Shell } from '../shell/shell.ts';
import { checkSessionId } from './argument.ts';
import { checkLine, decodeUtf8, TmuxError, tmuxErrorCode, type Block, type TmuxCommand } from './command.ts';
import { ControlParser, maxAnswerBytes, sizeOf, type ControlEvent } from './controlParser.ts';
import { randomWord } from './fields.ts';
import type { TmuxNotification } from './notifications.ts';
import { socketArgs } from './tmuxSocket.ts';

/** `flags` are those of `attach-session -f`, e.g. `ignore-size`, `no-output` or `pause-after=1`; none for tmux before 3.2. `answerTimeoutMs` is 10 s by default. */
export type ControlChannelOptions = { tmuxSocket: string | null; target: SessionId; flags: string[]; signal?: AbortSignal; answerTimeoutMs?: number };

/** tmux answers in milliseconds; one that hangs must not hold up who asked. */
const defaultAnswerTimeoutMs = 10_000;

/** How long a client may take to say goodbye before its link is cut. */
const farewellMs = 1_000;

/** One `tmux -C` client attached to a session. Requests are pipelined and answered in order. */
export class ControlChannel implements Disposable {
  readonly #channel: Channel;
  readonly #answerTimeoutMs: number;
  readonly #parser = new ControlParser();
  readonly #pending: PendingRequest[] = [];
  readonly #notifications = new Emitter<TmuxNotification>();
  readonly #didClose = new Emitter<{ reason: string }>();
  readonly #ready = Promise.withResolvers<undefined>();
  #state: 'opening' | 'open' | 'closed' = 'opening';
  #disposed = false;
  #lastWords = '';

  readonly onNotification: Event<TmuxNotification> = this.#notifications.event;
  /** Fired once when the client has ended for whatever reason but `dispose`. */
  readonly onDidClose: Event<{ reason: string }> = this.#didClose.event;

  private constructor(channel: Channel, answerTimeoutMs: number) {
    this.#channel = channel;
    this.#answerTimeoutMs = answerTimeoutMs;
    channel.stdout.on('data', (chunk: Buffer) => {
      this.#take(chunk);
    });
    // Whoever read the start marker may have paused the stream, which a listener alone does not undo.
    channel.stdout.resume();
    // A broken pipe is told by `exited`; without a listener it would end the process.
    channel.stdin.on('error', () => undefined);
    void channel.exited.then((exit) => {
      this.#closed(this.#lastWords || exit.stderr.trim() || `tmux client ended (${exit.exitCode ?? 'killed'})`, exit.exitCode);
    });
  }

  /** Attaches; resolves when tmux is ready for requests. Rejects with `TmuxError`, `ConnectError` or the signal's reason. */
  static async open(shell: Shell, options: ControlChannelOptions): Promise<ControlChannel> {
    const channel = await shell.open(attachScript(options), options.signal);
    const control = new ControlChannel(channel, options.answerTimeoutMs ?? defaultAnswerTimeoutMs);
    const late = control.#expire('tmux did not attach');
    const onAbort = () => {
      control.#ready.reject(options.signal?.reason);
    };
    if (options.signal?.aborted) onAbort();
    options.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await control.#ready.promise;
      return control;
    } catch (error) {
      control.dispose();
      throw error;
    } finally {
      clearTimeout(late);
      options.signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Sends a command. Rejects with `TmuxError` when tmux refuses it and with code `link-lost` when the channel ends before the answer, which it does when there is none in time. */
  request<T>(command: TmuxCommand<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      checkLine(command.line);
      if (this.#state !== 'open' || this.#disposed) {
        reject(linkLost(this.#lastWords));
        return;
      }
      const sentinel = command.composite ? randomWord() : null;
      const timer = this.#expire('tmux did not answer');
      const settle = (blocks: Block[]) => {
        clearTimeout(timer);
        try {
          resolve(command.parse(blocks));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      const fail = (error: Error) => {
        clearTimeout(timer);
        reject(error);
      };
      this.#pending.push({ sentinel, blocks: [], bytes: 0, settle, reject: fail });
      // One write: a line without its sentinel would wait for ever.
      this.#channel.stdin.write(sentinel === null ? `${command.line}\n` : `${command.line}\ndisplay-message -p ${sentinel}\n`);
    });
  }

  /** Detaches and ends the client; what still waits for an answer rejects with `link-lost`. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#rejectAll('closed by cockpit');
    this.#notifications.dispose();
    this.#didClose.dispose();
    // An empty line detaches, so that no client stays behind at the remote; a dead link gets only so much time for it.
    if (this.#state !== 'closed') this.#channel.stdin.end('\n');
    const timer = setTimeout(() => {
      this.#channel.dispose();
    }, farewellMs);
    void this.#channel.exited.then(() => {
      clearTimeout(timer);
      this.#channel.dispose();
    });
  }

  #take(chunk: Buffer): void {
    if (this.#state === 'closed') return;
    let events: ControlEvent[];
    try {
      events = this.#parser.push(chunk);
    } catch (error) {
      this.#cut(messageOf(error));
      return;
    }
    for (const event of events) this.#handle(event);
  }

  #expire(what: string): NodeJS.Timeout {
    return setTimeout(() => {
      this.#cut(`${what} within ${this.#answerTimeoutMs} ms`);
    }, this.#answerTimeoutMs);
  }

  /** Closes the channel from this end; told like a loss. */
  #cut(reason: string): void {
    if (this.#state === 'closed') return;
    this.#ready.reject(linkLost(reason));
    this.#closed(reason, null);
    this.#channel.dispose();
  }

  #handle(event: ControlEvent): void {
    if (this.#state === 'closed') return;
    if (event.kind === 'block') {
      if (event.requested) this.#answer(event.block);
      else if (!event.block.ok && this.#state === 'opening') this.#lastWords = decodeUtf8(event.block.lines.join(' '));
      return;
    }
    const { notification } = event;
    if (notification.kind === 'exit') this.#lastWords ||= notification.reason;
    // What is sent before this is run before the attach, and subscriptions made then never fire.
    if (notification.kind === 'session-changed' && this.#state === 'opening') {
      this.#state = 'open';
      this.#ready.resolve(undefined);
    }
    this.#notifications.fire(notification);
  }

  #answer(block: Block): void {
    const [request] = this.#pending;
    if (!request) return;
    if (request.sentinel === null) {
      this.#pending.shift();
      request.settle([block]);
    } else if (block.ok && block.lines.length === 1 && block.lines[0] === request.sentinel) {
      this.#pending.shift();
      request.settle(request.blocks);
    } else {
      request.blocks.push(block);
      request.bytes += sizeOf(block);
      if (request.bytes > maxAnswerBytes) this.#cut(`tmux sent an answer of more than ${maxAnswerBytes} bytes`);
    }
  }

  #closed(reason: string, exitCode: number | null): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#lastWords = reason;
    this.#ready.reject(new TmuxError(exitCode === 127 ? 'no-tmux' : tmuxErrorCode(reason), reason));
    this.#rejectAll(reason);
    this.#didClose.fire({ reason });
  }

  #rejectAll(reason: string): void {
    for (const request of this.#pending.splice(0)) request.reject(linkLost(reason));
  }
}

type PendingRequest = { sentinel: string | null; blocks: Block[]; bytes: number; settle(blocks: Block[]): void; reject(error: Error): void };

function linkLost(reason: string): CockpitError {
  return new CockpitError('link-lost', `the tmux channel ended before the answer: ${reason || 'no reason given'}`);
}

/**
 * `-u`: names must not depend on the locale of the login. A TMUX of the surroundings would aim at another server and forbid nesting.
 * `-E`: attaching must not change the environment of the person's session (tmux would take SSH_AUTH_SOCK out of it).
 * `-N`, which is as old as the flags: an attach would start a server where none is, with all that the person's tmux.conf runs.
 */
function attachScript({ tmuxSocket, target, flags }: ControlChannelOptions): string {
  const [global, attach] = flags.length > 0 ? [['-N'], ['-f', flags.join(',')]] : [[], []];
  const args = ['-u', ...global, ...socketArgs(tmuxSocket), '-C', 'attach-session', '-E', ...attach, '-t', checkSessionId(target)];
  return `unset TMUX TMUX_PANE\nexec tmux ${quote(...args)}`;
}
