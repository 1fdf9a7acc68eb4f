import { execFile } from 'node:child_process';

/** How a short program call ended; `output` is stdout and stderr, trimmed. */
export type ProgramResult = { kind: 'missing' } | { kind: 'ended'; exitCode: number; output: string } | { kind: 'hung' };

/** Runs a program to its end, at most `timeoutMs`; it gets no input. */
export function runProgram(path: string, args: readonly string[], options: { env?: NodeJS.ProcessEnv; timeoutMs?: number } = {}): Promise<ProgramResult> {
  const { env = process.env, timeoutMs = 8000 } = options;
  return new Promise((resolve) => {
    const child = execFile(path, args, { env, timeout: timeoutMs, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (error?.code === 'ENOENT' || error?.code === 'EACCES') resolve({ kind: 'missing' });
      else if (error?.killed) resolve({ kind: 'hung' });
      else resolve({ kind: 'ended', exitCode: error === null ? 0 : typeof error.code === 'number' ? error.code : 128, output: `${stdout}${stderr}`.trim() });
    });
    child.stdin?.end();
  });
}
