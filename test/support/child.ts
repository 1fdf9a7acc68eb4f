import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { until } from './until.ts';

/** A process of a test whose lines on stdout are collected. */
export type TestChild = {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  readonly lines: string[];
  /** Waits until a line came after those that were there at the call of `ask`, or any for the first time. */
  next(): Promise<string>;
  /** Sends a line and waits for the next one. */
  ask(line: string): Promise<string>;
  /** SIGKILL, and waits until it is gone and its stdout is read to the end. */
  kill(): Promise<void>;
};

/** Starts a process; end it with `kill`. */
export function startChild(command: string, args: string[], options: { env?: NodeJS.ProcessEnv } = {}): TestChild {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options });
  const lines: string[] = [];
  let rest = '';
  let read = 0;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  const closed = once(child, 'close');
  const next = async () => {
    await until(() => lines.length > read, { what: `a line of ${command} ${args.join(' ')}` });
    return lines[read++] ?? '';
  };
  return {
    process: child,
    lines,
    next,
    ask: (line) => {
      child.stdin.write(`${line}\n`);
      return next();
    },
    kill: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
