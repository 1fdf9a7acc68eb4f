import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { TailBuffer } from './tailBuffer.ts';

/** A just started `sh` at the far end, with whatever its login shell prints first still in stdout. */
export type RawProcess = {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Last 4 kB of stderr so far. */
  stderr(): string;
  /** Exit code, or null for a signal or a lost link; resolves when stdout has ended too. Never rejects. */
  readonly exited: Promise<number | null>;
  /** Ends stdin behind what was written, and reads no more. */
  close(): void;
  /** Ends our end at once, whatever the far end does. */
  kill(): void;
};

/** Starts `argv` as a child with pipes. `ownGroup` puts it into a process group of its own. Rejects when the program cannot be started. */
export function spawnRaw(argv: readonly string[], env: NodeJS.ProcessEnv, options: { ownGroup: boolean }): Promise<RawProcess & { pid: number }> {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, { env, stdio: 'pipe', detached: options.ownGroup });
  const tail = new TailBuffer();
  child.stderr.on('data', (chunk: Buffer) => {
    tail.add(chunk);
  });
  // A write that meets an ended process is no news: `exited` tells it.
  child.stdin.on('error', () => undefined);
  const exited = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      resolve(code);
    });
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => {
      resolve({
        pid: child.pid ?? 0,
        stdin: child.stdin,
        stdout: child.stdout,
        stderr: () => tail.text(),
        exited,
        close() {
          child.stdin.end();
          child.stdout.destroy();
        },
        kill() {
          child.stdin.destroy();
          child.kill('SIGKILL');
        },
      });
    });
  });
}
