import { spawn } from 'node:child_process';
import { HumanError } from '../supervisor/base/errors.ts';

/** Hands this terminal to a program until it ends; returns its exit code. */
export async function runInTerminal(argv: string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const [program, ...args] = argv;
  if (program === undefined) throw new Error('empty argv');
  return await new Promise<number>((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env });
    child.on('error', (error) => {
      reject(new HumanError('no-program', `${program} could not be started (${error.message}). Install it and run \`cockpit doctor\`.`, { cause: error }));
    });
    child.on('exit', (code, signal) => {
      resolve(code ?? (signal === null ? 1 : 128));
    });
  });
}

/** HumanError unless a person's terminal is there. `instead` says what to use without one. */
export function requireTerminal(instead: string): void {
  if (process.stdin.isTTY && process.stdout.isTTY) return;
  throw new HumanError('no-terminal', `This needs a terminal. Without one: ${instead}`, { exitCode: 2 });
}
