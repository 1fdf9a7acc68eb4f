import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { CockpitError, messageOf } from '../../base/errors.ts';

const incoming = z.object({ id: z.number().optional(), method: z.string().optional(), params: z.unknown().optional(), result: z.unknown().optional(), error: z.object({ message: z.string() }).optional() });
type Waiting = { settle(outcome: { value: unknown } | { error: Error }): void };

/** A Codex app-server over pipes: it lives exactly as long as its stdin, so whatever happens to us leaves none behind. */
export class StdioAppServer {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #answers = new Map<number, Waiting>();
  readonly #notifications = new Map<string, Waiting>();
  readonly #gone: Promise<void>;
  #lastId = 0;
  #ended: Error | null = null;

  constructor(path: string, options: { env: NodeJS.ProcessEnv; cwd: string }) {
    this.#child = spawn(path, ['app-server'], { ...options, stdio: ['pipe', 'pipe', 'ignore'] });
    this.#gone = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        this.#end(`Codex does not start: ${messageOf(error)}`);
        resolve();
      });
      this.#child.on('exit', (code, signal) => {
        this.#end(`Codex ended (${signal ?? String(code)})`);
        resolve();
      });
    });
    // The exit says it.
    this.#child.stdin.on('error', () => undefined);
    createInterface({ input: this.#child.stdout }).on('line', (line) => { this.#receive(line); });
  }

  /** Calls a method and parses its result. Rejects CockpitError 'codex-refused' or 'codex-closed'. */
  async call<T>(method: string, params: Record<string, unknown>, schema: z.ZodType<T>): Promise<T> {
    const id = ++this.#lastId;
    const result = this.#wait(this.#answers, id);
    this.#send({ id, method, params });
    return schema.parse(await result);
  }

  notify(method: string): void {
    this.#send({ method });
  }

  /** The parameters of the next notification of this method. */
  async next<T>(method: string, schema: z.ZodType<T>): Promise<T> {
    return schema.parse(await this.#wait(this.#notifications, method));
  }

  /** Ends it and waits until it is gone. */
  async close(): Promise<void> {
    this.#end('Codex was ended');
    this.#child.stdin.end();
    this.#child.kill();
    await this.#gone;
  }

  #wait<K>(table: Map<K, Waiting>, key: K): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== null) {
        reject(this.#ended);
        return;
      }
      table.set(key, {
        settle: (outcome) => {
          table.delete(key);
          if ('error' in outcome) reject(outcome.error);
          else resolve(outcome.value);
        },
      });
    });
  }

  #send(message: Record<string, unknown>): void {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  #receive(line: string): void {
    const parsed = incoming.safeParse(parseLine(line));
    if (!parsed.success) {
      this.#end('Codex said something that is no message');
      return;
    }
    const { id, method, params, result, error } = parsed.data;
    if (method !== undefined) this.#notifications.get(method)?.settle({ value: params });
    else if (id !== undefined) this.#answers.get(id)?.settle(error === undefined ? { value: result } : { error: new CockpitError('codex-refused', error.message) });
  }

  #end(reason: string): void {
    this.#ended ??= new CockpitError('codex-closed', reason);
    for (const waiting of [...this.#answers.values(), ...this.#notifications.values()]) waiting.settle({ error: this.#ended });
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
