import WebSocket from 'ws';
import { z } from 'zod';
import { delay } from '../../base/clock.ts';
import type { Disposable } from '../../base/disposable.ts';
import { CockpitError, messageOf } from '../../base/errors.ts';
import { Emitter, type Event } from '../../base/event.ts';
import type { Logger } from '../../base/logger.ts';
import { parseEvent, threadIdOf, type AppServerEvent } from './appServerEvents.ts';

/** `codex-refused` (with the JSON-RPC code), `codex-timeout` or `codex-closed`. */
export class AppServerError extends CockpitError {
  readonly rpcCode: number | null;

  constructor(code: 'codex-refused' | 'codex-timeout' | 'codex-closed', message: string, rpcCode: number | null = null, options?: { cause?: unknown }) {
    super(code, message, options);
    this.rpcCode = rpcCode;
  }
}

const incoming = z.object({
  id: z.union([z.number(), z.string()]).optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ code: z.number(), message: z.string() }).optional(),
});
type Pending = { settle(outcome: { result: unknown } | { error: Error }): void };

const retryMs = 20;
const callTimeoutMs = 60_000;

/** One connection to a Codex app-server: JSON-RPC over WebSocket over its unix socket. Requests of the server get no answer from here; the TUI answers them. */
export class AppServerClient implements Disposable {
  readonly #socket: WebSocket;
  readonly #logger: Logger;
  readonly #pending = new Map<number, Pending>();
  /** Codex makes hidden threads to find titles; nothing of them is passed on. */
  readonly #ephemeral = new Set<string>();
  readonly #received = new Emitter<AppServerEvent>();
  readonly #closed = new Emitter<{ reason: string }>();
  #lastId = 0;

  readonly onDidReceive: Event<AppServerEvent> = this.#received.event;
  /** Fires once, unless this side ended the connection. */
  readonly onDidClose: Event<{ reason: string }> = this.#closed.event;

  private constructor(socket: WebSocket, logger: Logger) {
    this.#socket = socket;
    this.#logger = logger;
    socket.on('message', (data: Buffer) => {
      this.#receive(data);
    });
    socket.on('error', (error) => {
      logger.debug('app-server connection failed', { error: messageOf(error) });
    });
    socket.on('close', (code) => {
      this.#end(`the app-server closed the connection (${code})`);
    });
  }

  /** Connects and introduces itself, trying again every 20 ms until `timeoutMs` is over or `alive` says that nobody is there to answer. */
  static async connect(socketPath: string, options: { logger: Logger; signal?: AbortSignal; timeoutMs?: number; alive?: () => boolean }): Promise<AppServerClient> {
    const { logger, signal, timeoutMs = 10_000, alive = () => true } = options;
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      signal?.throwIfAborted();
      try {
        const client = new AppServerClient(await openSocket(socketPath), logger);
        await client.#introduce(Math.max(1_000, deadlineMs - performance.now()), signal);
        return client;
      } catch (error) {
        if (error instanceof AppServerError || !alive() || performance.now() > deadlineMs) {
          throw new AppServerError('codex-closed', `cannot reach the app-server at ${socketPath}: ${messageOf(error)}`, null, { cause: error });
        }
        await delay(retryMs, signal);
      }
    }
  }

  /** Calls a method and parses its result. Rejects AppServerError, the signal's reason, or ZodError. */
  async call<T>(method: string, params: Record<string, unknown>, schema: z.ZodType<T>, options: { signal?: AbortSignal | undefined; timeoutMs?: number } = {}): Promise<T> {
    const { signal, timeoutMs = callTimeoutMs } = options;
    signal?.throwIfAborted();
    if (this.#socket.readyState !== WebSocket.OPEN) throw new AppServerError('codex-closed', `the app-server is gone, ${method} was not sent`);
    const id = ++this.#lastId;
    const result = await new Promise<unknown>((resolve, reject) => {
      const settle: Pending['settle'] = (outcome) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        this.#pending.delete(id);
        if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.result);
      };
      const onAbort = () => {
        settle({ error: signal?.reason as Error });
      };
      const timer = setTimeout(() => {
        settle({ error: new AppServerError('codex-timeout', `the app-server did not answer ${method} within ${timeoutMs} ms`) });
      }, timeoutMs);
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#pending.set(id, { settle });
      this.#send({ id, method, params });
    });
    return schema.parse(result);
  }

  dispose(): void {
    this.#closed.dispose();
    this.#received.dispose();
    this.#socket.terminate();
    this.#end('closed');
  }

  async #introduce(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    try {
      const params = { clientInfo: { name: 'cockpit', title: 'Cockpit', version: '0.1.0' }, capabilities: { experimentalApi: true } };
      await this.call('initialize', params, z.object({ userAgent: z.string() }), { signal, timeoutMs });
      this.#send({ method: 'initialized' });
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  #send(message: Record<string, unknown>): void {
    this.#socket.send(JSON.stringify(message));
  }

  #receive(data: Buffer): void {
    try {
      const message = incoming.parse(JSON.parse(data.toString('utf8')));
      if (message.method === undefined) this.#answer(message);
      else if (message.id === undefined) this.#notify(message.method, message.params);
      else this.#logger.debug('app-server asks, the TUI answers', { method: message.method });
    } catch (error) {
      this.#logger.warn('app-server message not understood', { error: messageOf(error), start: data.toString('utf8', 0, 120) });
    }
  }

  #answer(message: z.output<typeof incoming>): void {
    const pending = typeof message.id === 'number' ? this.#pending.get(message.id) : undefined;
    if (message.error === undefined) pending?.settle({ result: message.result });
    else pending?.settle({ error: new AppServerError('codex-refused', message.error.message, message.error.code) });
  }

  #notify(method: string, params: unknown): void {
    const event = parseEvent(method, params);
    if (event === null) {
      this.#logger.debug('app-server event not used', { method });
      return;
    }
    if (event.method === 'thread/started' && event.params.thread.ephemeral) this.#ephemeral.add(event.params.thread.id);
    const threadId = threadIdOf(event);
    const hidden = threadId !== null && this.#ephemeral.has(threadId);
    if (event.method === 'thread/closed') this.#ephemeral.delete(event.params.threadId);
    if (!hidden) this.#received.fire(event);
  }

  #end(reason: string): void {
    for (const pending of [...this.#pending.values()]) pending.settle({ error: new AppServerError('codex-closed', reason) });
    this.#closed.fire({ reason });
    this.#closed.dispose();
  }
}

async function openSocket(socketPath: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws+unix:${socketPath}:/`, { perMessageDeflate: false, handshakeTimeout: 5_000 });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return socket;
}
