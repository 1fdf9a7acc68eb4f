import { randomBytes } from 'node:crypto';
import type { Channel, Shell } from '../adapters/shell/shell.ts';
import type { Disposable } from '../base/disposable.ts';
import { CockpitError } from '../base/errors.ts';

/** No answer to a script is near this; a host that prints more is not listened to any longer. */
const maxAnswerBytes = 16 * 1024 * 1024;

/** A remote `sh` and who waits for its end: one listener on its exit however often it is asked, because a promise keeps each one as long as it lives. */
type Sh = { channel: Channel; hasExited: boolean; waiting: Set<() => void> };

/**
 * Asks a host by script again and again over one remote `sh` that stays: no start of a shell for each question, which is what a poll
 * every two seconds and the moment after a lost control channel would spend most of their time on.
 */
export class Asker implements Disposable {
  readonly #shell: Shell;
  readonly #timeoutMs: number;
  #sh: Promise<Sh> | null = null;

  constructor(shell: Shell, timeoutMs: number) {
    this.#shell = shell;
    this.#timeoutMs = timeoutMs;
  }

  /** Runs a script that reads no input and returns what it prints. One at a time. Rejects with a `ConnectError`, `script-timeout` or `too-much-output`. */
  async ask(script: string, signal?: AbortSignal): Promise<Buffer> {
    this.#sh ??= this.#shell.open('exec sh', signal).then(follow);
    const opened = this.#sh;
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
    if (this.#sh) this.#drop(this.#sh);
  }

  #drop(opened: Promise<Sh>): void {
    if (this.#sh === opened) this.#sh = null;
    opened.then(({ channel }) => { channel.dispose(); }, () => undefined);
  }

  #askOn(sh: Sh, script: string, signal: AbortSignal | undefined): Promise<Buffer | null> {
    if (sh.hasExited) return Promise.resolve(null);
    const { channel } = sh;
    const word = randomBytes(12).toString('hex');
    const end = Buffer.from(`\n${word}\n`);
    return new Promise<Buffer | null>((resolve, reject) => {
      const seen: Buffer[] = [];
      let seenBytes = 0;
      // The end may be cut by a chunk's end, so each is searched behind the last bytes of the one before.
      let tail: Buffer = Buffer.alloc(0);
      const take = (chunk: Buffer) => {
        seen.push(chunk);
        seenBytes += chunk.length;
        const edge = Buffer.concat([tail, chunk]);
        const at = edge.indexOf(end);
        tail = edge.subarray(-end.length);
        if (at >= 0) finish(() => { resolve(Buffer.concat(seen).subarray(0, seenBytes - edge.length + at)); });
        else if (seenBytes > maxAnswerBytes) finish(() => { reject(new CockpitError('too-much-output', `the host answered with more than ${maxAnswerBytes} bytes`)); });
      };
      const ended = () => { finish(() => { resolve(null); }); };
      const abort = () => { finish(() => { reject(signal?.reason as Error); }); };
      const timer = setTimeout(() => {
        finish(() => { reject(new CockpitError('script-timeout', `the host did not answer within ${this.#timeoutMs} ms`)); });
      }, this.#timeoutMs);
      const finish = (how: () => void) => {
        clearTimeout(timer);
        channel.stdout.off('data', take);
        sh.waiting.delete(ended);
        signal?.removeEventListener('abort', abort);
        how();
      };
      channel.stdout.on('data', take);
      signal?.addEventListener('abort', abort, { once: true });
      sh.waiting.add(ended);
      channel.stdin.write(`(\n${script}\n) </dev/null\nprintf '\\n%s\\n' ${word}\n`);
    });
  }
}

function follow(channel: Channel): Sh {
  const sh: Sh = { channel, hasExited: false, waiting: new Set() };
  void channel.exited.then(() => {
    sh.hasExited = true;
    for (const ended of [...sh.waiting]) ended();
  });
  // A broken pipe is told by `exited`.
  channel.stdin.on('error', () => undefined);
  return sh;
}
