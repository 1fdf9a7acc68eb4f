import { setImmediate } from 'node:timers/promises';
import { delay } from '../supervisor/base/clock.ts';
import type { Disposable } from '../supervisor/base/disposable.ts';
import { HumanError, messageOf } from '../supervisor/base/errors.ts';
import type { Event } from '../supervisor/base/event.ts';
import type { Logger } from '../supervisor/base/logger.ts';
import type { SessionPort, SessionToolName, ToolContext, ToolInput, ToolOutput } from '../supervisor/protocol/sessionTools.ts';
import { afterLoss } from './sessionServer.ts';

/** A session's tools over one connection to the supervisor; `onDidClose` fires when the connection is gone, whoever ended it. */
export type BackendPort = SessionPort & Disposable & { readonly onDidClose: Event<unknown> };

export type ReconnectOptions = {
  /** Opens a connection. A HumanError other than "no supervisor" (exit code 3) is final for the call; everything else is tried again. */
  connect: () => Promise<BackendPort>;
  logger: Logger;
  /** How long a call waits for a connection before it is refused; 10 s. */
  graceMs?: number;
};

type Connection = { port: BackendPort; closed: AbortSignal };

const retryMs = 200;
const progressEveryMs = 15_000;

/** A SessionPort that outlives the supervisor: it connects at the first call, and again after a loss. A call that was already sent is never sent twice. */
export class ReconnectingPort implements SessionPort, Disposable {
  readonly #options: ReconnectOptions;
  readonly #graceMs: number;
  readonly #disposed = new AbortController();
  #connection: Connection | null = null;
  #connecting: Promise<Connection> | null = null;

  constructor(options: ReconnectOptions) {
    this.#options = options;
    this.#graceMs = options.graceMs ?? 10_000;
  }

  async call<N extends SessionToolName>(tool: N, input: ToolInput<N>, context: ToolContext): Promise<ToolOutput<N>> {
    const { port, closed } = await this.#connected(AbortSignal.any([context.signal, this.#disposed.signal]));
    const lost = rejectOnAbort(closed);
    // Progress does not come over the connection; that the call is still on is known here too.
    const beat = setInterval(() => { context.progress('still waiting'); }, progressEveryMs);
    try {
      return await Promise.race([port.call(tool, input, context), lost.promise]);
    } catch (error) {
      if (error instanceof HumanError) throw error;
      // The call may fail a moment before the connection tells that it is gone.
      await setImmediate();
      if (closed.aborted) throw new HumanError('connection-lost', `The connection to the cockpit supervisor was lost during the call. ${afterLoss(tool)}`, { cause: error });
      throw error;
    } finally {
      clearInterval(beat);
      lost.dispose();
    }
  }

  dispose(): void {
    this.#disposed.abort();
    this.#connection?.port.dispose();
  }

  async #connected(signal: AbortSignal): Promise<Connection> {
    const deadlineMs = performance.now() + this.#graceMs;
    for (;;) {
      signal.throwIfAborted();
      try {
        return await withDeadline(this.#connect(), deadlineMs, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof HumanError && error.exitCode !== 3) throw error;
        if (performance.now() + retryMs > deadlineMs) throw this.#away(error);
        this.#options.logger.debug('no supervisor yet', { error: messageOf(error) });
      }
      await delay(retryMs, signal);
    }
  }

  #away(cause: unknown): HumanError {
    const waited = `${Math.round(this.#graceMs / 1000)} s`;
    return new HumanError('supervisor-away', `The cockpit supervisor is not running (waited ${waited}). Nothing was sent. Try again later, or ask the operator to run cockpit up.`, { cause, exitCode: 3 });
  }

  /** The open connection, or one attempt that all waiting calls share. */
  #connect(): Promise<Connection> {
    if (this.#connection) return Promise.resolve(this.#connection);
    this.#connecting ??= this.#open().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  async #open(): Promise<Connection> {
    const port = await this.#options.connect();
    const closed = new AbortController();
    const connection = { port, closed: closed.signal };
    this.#connection = connection;
    port.onDidClose(() => {
      if (this.#connection === connection) this.#connection = null;
      closed.abort();
    });
    if (this.#disposed.signal.aborted) port.dispose();
    return connection;
  }
}

function withDeadline<T>(work: Promise<T>, deadlineMs: number, signal: AbortSignal): Promise<T> {
  const late = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, Math.round(deadlineMs - performance.now())))]);
  const expired = rejectOnAbort(late);
  return Promise.race([work, expired.promise]).finally(() => {
    expired.dispose();
  });
}

function rejectOnAbort(signal: AbortSignal): { promise: Promise<never>; dispose(): void } {
  let onAbort: (() => void) | null = null;
  const promise = new Promise<never>((_resolve, reject) => {
    onAbort = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  return { promise, dispose: () => { if (onAbort) signal.removeEventListener('abort', onAbort); } };
}
