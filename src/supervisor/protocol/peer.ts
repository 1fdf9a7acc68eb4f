import type { Duplex } from 'node:stream';
import { z } from 'zod';
import type { Disposable } from '../base/disposable.ts';
import { CockpitError, messageOf } from '../base/errors.ts';
import { Emitter } from '../base/event.ts';
import type { Logger } from '../base/logger.ts';
import { assertNever } from '../base/assertNever.ts';
import { decodeMessage, encodeMessage, fromRpcError, LineDecoder, toRpcError, type RpcError, type RpcId, type RpcMessage } from './jsonRpc.ts';
import { parseAs, type MethodTable, type ParamsOf, type ResultOf } from './methodTable.ts';

/** Answers one request of the other side; `signal` aborts when it is cancelled or the connection ends. May be synchronous. */
export type Serve = (method: string, params: unknown, signal: AbortSignal) => unknown;

export type PeerOptions<Calls extends MethodTable> = {
  /** Methods of the other side. */
  calls: Calls;
  /** Answers the other side's requests; without it every one is refused. */
  serve?: Serve;
  logger: Logger;
  /** A peer that reads so slowly that more than this waits for it is dropped. */
  maxBehindBytes?: number;
};

type Pending = { settle(result: unknown): void; fail(error: CockpitError): void };

const cancelMethod = '$/cancel';
const cancelParams = z.object({ id: z.union([z.number(), z.string()]) });
const defaultMaxBehindBytes = 8 * 1024 * 1024;
/** How long `dispose` lets the last messages drain. */
const drainMs = 1000;

/** One end of a connection that speaks JSON-RPC 2.0, a message a line: makes requests, answers them, cancels them, and passes notifications. */
export class Peer<Calls extends MethodTable> implements Disposable {
  readonly #stream: Duplex;
  readonly #options: PeerOptions<Calls>;
  readonly #decoder = new LineDecoder();
  readonly #pending = new Map<RpcId, Pending>();
  readonly #running = new Map<RpcId, AbortController>();
  readonly #notified = new Emitter<{ method: string; params: unknown }>();
  readonly #closed = new Emitter<CockpitError>();
  #nextId = 1;
  #closeError: CockpitError | null = null;

  /** A notification came; its parameters are not checked yet. */
  readonly onNotification = this.#notified.event;
  /** The connection is gone; fires once, after everything pending was rejected. Code 'connection-closed' is the normal end. */
  readonly onDidClose = this.#closed.event;

  constructor(stream: Duplex, options: PeerOptions<Calls>) {
    this.#stream = stream;
    this.#options = options;
    stream.on('data', (chunk: Buffer) => {
      this.#read(chunk);
    });
    stream.on('error', (error) => {
      this.#close(new CockpitError('connection-closed', `the connection broke: ${error.message}`, { cause: error }));
    });
    // Nobody half-closes this protocol: the end of what can be read is the end.
    for (const event of ['end', 'close']) {
      stream.on(event, () => {
        this.#close(new CockpitError('connection-closed', 'the other side closed the connection'));
      });
    }
  }

  get isClosed(): boolean {
    return this.#closeError !== null;
  }

  /** Asks the other side. Rejects with its error, 'connection-closed', 'malformed-result', or at once with the signal's reason (the other side is told). */
  async request<K extends keyof Calls & string>(method: K, params: ParamsOf<Calls, K>, options: { signal?: AbortSignal } = {}): Promise<ResultOf<Calls, K>> {
    const entry = this.#options.calls[method];
    if (entry === undefined) throw new CockpitError('method-not-found', `there is no method ${JSON.stringify(method)}`);
    const checked = parseAs(entry.params, params, 'invalid-params', `parameters of ${method}`);
    const result = await this.#ask(method, checked, options.signal);
    return parseAs(entry.result, result, 'malformed-result', `result of ${method}`) as ResultOf<Calls, K>;
  }

  /** Tells the other side something; nothing comes back. After the end it does nothing. */
  notify(method: string, params: unknown): void {
    this.send(encodeMessage({ kind: 'notification', method, params }));
  }

  /** Writes a line that is encoded already, so that a broadcast is encoded once. Drops the connection if the other side is too far behind. */
  send(line: Buffer): void {
    if (this.isClosed) return;
    const behind = this.#stream.writableLength;
    if (behind > (this.#options.maxBehindBytes ?? defaultMaxBehindBytes)) {
      this.#close(new CockpitError('too-far-behind', `the other side is ${behind} bytes behind`));
    } else {
      this.#stream.write(line);
    }
  }

  /** Ends the connection; what was written already still gets a second to drain. */
  dispose(): void {
    if (this.isClosed) return;
    const timer = setTimeout(() => this.#stream.destroy(), drainMs);
    timer.unref();
    this.#stream.end(() => {
      clearTimeout(timer);
      this.#stream.destroy();
    });
    this.#finish(new CockpitError('connection-closed', 'the connection was closed here'));
  }

  #ask(method: string, params: unknown, signal: AbortSignal | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      if (this.#closeError) throw this.#closeError;
      const id = this.#nextId++;
      const line = encodeMessage({ kind: 'request', id, method, params });
      const onAbort = () => {
        this.#pending.delete(id);
        this.notify(cancelMethod, { id });
        reject(signal?.reason as Error);
      };
      const done = () => {
        this.#pending.delete(id);
        signal?.removeEventListener('abort', onAbort);
      };
      this.#pending.set(id, {
        settle: (result) => {
          done();
          resolve(result);
        },
        fail: (error) => {
          done();
          reject(error);
        },
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      this.send(line);
    });
  }

  #read(chunk: Buffer): void {
    let lines: string[];
    try {
      lines = this.#decoder.push(chunk);
    } catch (error) {
      this.#close(new CockpitError('message-too-large', messageOf(error), { cause: error }));
      return;
    }
    for (const line of lines) {
      if (this.isClosed) return;
      if (line.trim() !== '') this.#receive(line);
    }
  }

  #receive(line: string): void {
    let message: RpcMessage;
    try {
      message = decodeMessage(line);
    } catch (error) {
      // The line is at its end, so what follows can be read; the sender learns that this one was lost.
      this.#sendFailure(null, toRpcError(error));
      return;
    }
    switch (message.kind) {
      case 'request':
        this.#answer(message.id, message.method, message.params);
        return;
      case 'notification':
        if (message.method === cancelMethod) this.#cancel(message.params);
        else this.#notified.fire(message);
        return;
      case 'success':
        this.#pending.get(message.id)?.settle(message.result);
        return;
      case 'failure':
        if (message.id === null) this.#options.logger.warn('the other side did not understand a message', { error: message.error.message });
        else this.#pending.get(message.id)?.fail(fromRpcError(message.error));
        return;
      default:
        assertNever(message);
    }
  }

  #answer(id: RpcId, method: string, params: unknown): void {
    if (this.#running.has(id)) {
      this.#sendFailure(id, toRpcError(new CockpitError('invalid-request', `a request with the id ${id} is under way`)));
      return;
    }
    const aborter = new AbortController();
    this.#running.set(id, aborter);
    const succeed = (result: unknown) => {
      this.#running.delete(id);
      try {
        this.send(encodeMessage({ kind: 'success', id, result }));
      } catch (error) {
        this.#sendFailure(id, toRpcError(error));
      }
    };
    const fail = (error: unknown) => {
      this.#running.delete(id);
      // A bug's stack does not travel, so it is logged on the side where it happened.
      if (!(error instanceof CockpitError) && !aborter.signal.aborted) this.#options.logger.error(`${method} failed`, { error: error instanceof Error ? error.stack : String(error) });
      this.#sendFailure(id, toRpcError(error));
    };
    try {
      const { serve } = this.#options;
      if (!serve) throw new CockpitError('method-not-found', 'this side answers no requests');
      const result = serve(method, params, aborter.signal);
      if (result instanceof Promise) result.then(succeed, fail);
      else succeed(result);
    } catch (error) {
      fail(error);
    }
  }

  #cancel(params: unknown): void {
    const parsed = cancelParams.safeParse(params);
    // A request that is done, or was never made, has nothing to cancel.
    if (parsed.success) this.#running.get(parsed.data.id)?.abort(new CockpitError('cancelled', 'the request was cancelled'));
  }

  #sendFailure(id: RpcId | null, error: RpcError): void {
    this.send(encodeMessage({ kind: 'failure', id, error }));
  }

  #close(error: CockpitError): void {
    this.#stream.destroy();
    this.#finish(error);
  }

  #finish(error: CockpitError): void {
    if (this.#closeError) return;
    this.#closeError = error;
    for (const pending of [...this.#pending.values()]) pending.fail(error);
    for (const aborter of this.#running.values()) aborter.abort(error);
    this.#running.clear();
    this.#closed.fire(error);
  }
}
