import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Phase } from './phases.ts';
import type { PhaseResult } from './reporter.ts';

/** How long a mocha process may live on after its last test; longer means that a test left something open. */
const exitGraceMs = 10_000;

export type RunPhaseOptions = { root: string; /** holds the result file and is TMPDIR */ runDir: string; env: NodeJS.ProcessEnv; extraArgs: string[]; signal: AbortSignal };

/** The part of a phase that one mocha process needs; its `name` is unique in a run. */
export type PhaseToRun = Pick<Phase, 'spec' | 'mochaArgs' | 'timeoutMs'> & { name: string };

/** Runs one phase in a mocha process; a crash, a hang or a process that does not end counts as one failure more. */
export async function runPhase(phase: PhaseToRun, options: RunPhaseOptions): Promise<PhaseResult> {
  const output = join(options.runDir, `${phase.name}.json`);
  const mocha = join(options.root, 'node_modules/mocha/bin/mocha.js');
  const reporter = ['--reporter', join(options.root, 'test/runner/reporter.ts'), '--reporter-option', `output=${output}`];
  const strict = ['--forbid-only', '--forbid-pending'];
  const args = [mocha, ...phase.mochaArgs, ...reporter, ...strict, ...options.extraArgs, phase.spec];
  const child = spawn(process.execPath, args, { cwd: options.root, env: options.env, stdio: ['ignore', 'inherit', 'inherit'] });
  const abort = () => child.kill('SIGKILL');
  options.signal.addEventListener('abort', abort, { once: true });
  const ending = await watchEnd(child, phase, output);
  options.signal.removeEventListener('abort', abort);

  const result: PhaseResult = existsSync(output) ? (JSON.parse(readFileSync(output, 'utf8')) as PhaseResult) : { passed: 0, failures: [], passedIn: {} };
  const problem = crashOf(ending, result.failures.length, existsSync(output));
  if (problem !== null) result.failures.push({ title: `the ${phase.name} tests as a whole`, text: problem });
  return result;
}

type Ending = { kind: 'exit'; code: number | null; signal: string | null } | { kind: 'not-started'; message: string } | { kind: 'hung' } | { kind: 'left-open' };

function watchEnd(child: ChildProcess, phase: PhaseToRun, output: string): Promise<Ending> {
  return new Promise((resolve) => {
    let killed: 'hung' | 'left-open' | null = null;
    const startedMs = performance.now();
    let finishedMs: number | null = null;
    const watch = setInterval(() => {
      const nowMs = performance.now();
      if (finishedMs === null && existsSync(output)) finishedMs = nowMs;
      if (finishedMs !== null && nowMs - finishedMs > exitGraceMs) killed = 'left-open';
      else if (finishedMs === null && nowMs - startedMs > phase.timeoutMs) killed = 'hung';
      if (killed !== null) child.kill('SIGKILL');
    }, 200);
    child.on('error', (error) => {
      clearInterval(watch);
      resolve({ kind: 'not-started', message: error.message });
    });
    child.on('exit', (code, signal) => {
      clearInterval(watch);
      resolve(killed === null ? { kind: 'exit', code, signal } : { kind: killed });
    });
  });
}

/** Mocha's exit code is its number of failures, so only what goes beyond that is a crash. */
function crashOf(ending: Ending, failures: number, hasResult: boolean): string | null {
  switch (ending.kind) {
    case 'not-started':
      return `mocha could not be started: ${ending.message}`;
    case 'hung':
      return 'did not finish in time and was ended';
    case 'left-open':
      // What a failed test left open is not one failure more.
      if (failures > 0) return null;
      return `the tests finished, but mocha did not end within ${exitGraceMs / 1000} s: something (timer, socket, child) was left open`;
    case 'exit':
      if (hasResult && ending.code !== null && (ending.code === 0 || failures > 0)) return null;
      return `mocha ended with ${ending.signal ?? `exit code ${ending.code}`} ${hasResult ? 'after its tests' : 'before the end of its tests'} (see above)`;
  }
}
