import { execFile } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { lstat, mkdir, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { quote } from '../../shell/shell.ts';
import type { Disposable } from '../../../base/disposable.ts';
import { codeOf, messageOf } from '../../../base/errors.ts';
import { Emitter, type Event } from '../../../base/event.ts';
import type { Logger } from '../../../base/logger.ts';

/** Longer lines than any that is written: what is longer is noise. */
const longestLine = 512;

/** A FIFO through which bindings of cockpit's tmux servers tell the supervisor something without starting a program but `sh`. */
export class LineFifo implements Disposable {
  readonly #socket: Socket;
  readonly #didRead = new Emitter<string>();
  #rest = '';

  /** A whole line, without its end. */
  readonly onDidRead: Event<string> = this.#didRead.event;

  private constructor(socket: Socket, path: string, logger: Logger) {
    this.#socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.#take(chunk);
    });
    // Without a listener it would end the process.
    socket.on('error', (error) => {
      logger.error('a FIFO is not read any longer', { path, error: messageOf(error) });
    });
    socket.unref();
  }

  /** Makes the FIFO (mode 0600) if it is missing and listens on it. */
  static async open(path: string, logger: Logger): Promise<LineFifo> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await makeFifo(path);
    // Reading and writing: the FIFO then never ends when a writer closes it, and opening does not wait for one.
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    return new LineFifo(new Socket({ fd, readable: true, writable: false }), path, logger);
  }

  dispose(): void {
    this.#socket.destroy();
    this.#didRead.dispose();
  }

  #take(chunk: string): void {
    const lines = `${this.#rest}${chunk}`.split('\n');
    this.#rest = (lines.pop() ?? '').slice(-longestLine);
    for (const line of lines) this.#didRead.fire(line);
  }
}

/**
 * An sh script for tmux's `run-shell` that writes a line to a FIFO. tmux expands formats in it, so `line` may hold some whose values are plain words.
 * Opened for reading too, so that it never waits for a reader; and only if it is a FIFO, or the redirection would make a file.
 * It always succeeds: tmux puts the failure of a job over the person's pane.
 */
export function writeLineScript(path: string, line: string): string {
  const fifo = quote(path.replaceAll('#', '##'));
  return `[ -p ${fifo} ] && printf '${line}\\n' 1<>${fifo} || :`;
}

/** One word inside a command that is itself an argument. */
export function tmuxQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
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
