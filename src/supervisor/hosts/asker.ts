import { randomBytes } from 'node:crypto';
import type { Channel, Shell } from '../adapters/shell/shell.ts';
import type { Disposable } from '../base/disposable.ts';
import { CockpitError } from '../base/errors.ts';

/**
 * Asks a host by script again and again over one remote `sh` that stays: no start of a shell for each question, which is what a poll
 * every two seconds and the moment after a lost control channel would spend most of their time on.
 */
export class Asker implements Disposable {
  readonly #shell: Shell;
  readonly #timeoutMs: number;
  #channel: Promise<Channel> | null = null;

  constructor(shell: Shell, timeoutMs: number) {
    this.#shell = shell;
    this.#timeoutMs = timeoutMs;
  }

  /** Runs a script that reads no input and returns what it prints. One at a time. Rejects with a `ConnectError`, or `script-timeout`. */
  async ask(script: string, signal?: AbortSignal): Promise<Buffer> {
    this.#channel ??= this.#shell.open('exec sh', signal);
    const opened = this.#channel;
    try {
      const answer = await this.#askOn(await opened, script, signal);
      if (answer) return answer;
    } catch (error) {
      this.#drop(opened);
      throw error;
    }
    // The sh is gone; why, a start of its own tells.
    this.#drop(opened);
    return (await this.#shell.run(script, { timeoutMs: this.#timeoutMs, ...(signal ? { signal } : {}) })).stdout;
  }

  dispose(): void {
    if (this.#channel) this.#drop(this.#channel);
  }

  #drop(opened: Promise<Channel>): void {
    if (this.#channel === opened) this.#channel = null;
    opened.then((channel) => { channel.dispose(); }, () => undefined);
  }

  #askOn(channel: Channel, script: string, signal: AbortSignal | undefined): Promise<Buffer | null> {
    const word = randomBytes(12).toString('hex');
    const end = Buffer.from(`\n${word}\n`);
    return new Promise<Buffer | null>((resolve, reject) => {
      let seen = Buffer.alloc(0);
      const take = (chunk: Buffer) => {
        seen = Buffer.concat([seen, chunk]);
        const at = seen.indexOf(end, Math.max(0, seen.length - chunk.length - end.length));
        if (at >= 0) finish(() => { resolve(seen.subarray(0, at)); });
      };
      const abort = () => { finish(() => { reject(signal?.reason as Error); }); };
      const timer = setTimeout(() => {
        finish(() => { reject(new CockpitError('script-timeout', `the host did not answer within ${this.#timeoutMs} ms`)); });
      }, this.#timeoutMs);
      const finish = (how: () => void) => {
        clearTimeout(timer);
        channel.stdout.off('data', take);
        signal?.removeEventListener('abort', abort);
        how();
      };
      channel.stdout.on('data', take);
      signal?.addEventListener('abort', abort, { once: true });
      void channel.exited.then(() => { finish(() => { resolve(null); }); });
      // A broken pipe is told by `exited`.
      if (channel.stdin.listenerCount('error') === 0) channel.stdin.on('error', () => undefined);
      channel.stdin.write(`(\n${script}\n) </dev/null\nprintf '\\n%s\\n' ${word}\n`);
    });
  }
}
