import { execFile } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { lstat, mkdir, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Disposable } from '../../../base/disposable.ts';
import { codeOf } from '../../../base/errors.ts';
import { Emitter, type Event } from '../../../base/event.ts';

/** What a key of the terminal UI asks for (KEY-1); the same words as `cockpit ctl`. */
export const keyWords = ['next-host', 'previous-host', 'next-session', 'previous-session', 'toggle-focus', 'toggle-wake', 'down'] as const;
export type KeyWord = (typeof keyWords)[number];

/** The FIFO through which keys of the outer tmux reach the supervisor without starting a program but `sh`. */
export class KeyFifo implements Disposable {
  readonly #socket: Socket;
  readonly #didPress = new Emitter<KeyWord>();
  #rest = '';

  readonly onDidPress: Event<KeyWord> = this.#didPress.event;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.#take(chunk);
    });
    socket.unref();
  }

  /** Makes the FIFO (mode 0600) if it is missing and listens on it. */
  static async open(path: string): Promise<KeyFifo> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await makeFifo(path);
    // Reading and writing: the FIFO then never ends when a writer closes it, and opening does not wait for one.
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    return new KeyFifo(new Socket({ fd, readable: true, writable: false }));
  }

  dispose(): void {
    this.#socket.destroy();
    this.#didPress.dispose();
  }

  #take(chunk: string): void {
    const lines = `${this.#rest}${chunk}`.split('\n');
    // Only whole words count; what is longer than any of them is noise.
    this.#rest = (lines.pop() ?? '').slice(-64);
    for (const line of lines) {
      const word = keyWords.find((known) => known === line);
      if (word) this.#didPress.fire(word);
    }
  }
}

async function makeFifo(path: string): Promise<void> {
  try {
    const there = await lstat(path);
    if (there.isFIFO()) return;
    await rm(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  await promisify(execFile)('mkfifo', ['-m', '600', path]);
}
