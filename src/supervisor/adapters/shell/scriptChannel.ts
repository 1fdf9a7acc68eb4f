import type { Readable, Writable } from 'node:stream';
import type { RawProcess } from './rawProcess.ts';
import type { Channel, ChannelExit } from './shell.ts';

/** How long a program may take to end by itself after its input ended. */
const graceMs = 300;

/** A started script. `dispose` ends its input, then hangs up a program that does not care. */
export class ScriptChannel implements Channel {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly exited: Promise<ChannelExit>;
  readonly #raw: RawProcess;
  readonly #hangUp: () => Promise<void>;
  #ended = false;
  #disposed = false;

  constructor(raw: RawProcess, stdout: Readable, hangUp: () => Promise<void>) {
    this.#raw = raw;
    this.#hangUp = hangUp;
    this.stdin = raw.stdin;
    this.stdout = stdout;
    this.exited = raw.exited.then((exitCode) => {
      this.#ended = true;
      return { exitCode, stderr: raw.stderr() };
    });
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.stdout.destroy();
    this.#raw.close();
    if (!this.#ended) void this.#endForSure();
  }

  async #endForSure(): Promise<void> {
    if (await this.#endsWithin(graceMs)) return;
    await this.#hangUp();
    if (!(await this.#endsWithin(graceMs))) this.#raw.kill();
  }

  async #endsWithin(timeMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeMs);
    });
    await Promise.race([this.exited, timeout]);
    clearTimeout(timer);
    return this.#ended;
  }
}
