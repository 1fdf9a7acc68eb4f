// `npm test [-- PHASE… [MOCHA OPTIONS]]`: prepares the machine, builds, runs the phases, and closes with `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clearDeadRuns, endLeftovers, runDirPrefix, type Leftover } from './runner/leftovers.ts';
import { prepareMachine } from './runner/machine.ts';
import { phaseNames, phases, type Phase, type PhaseName } from './runner/phases.ts';
import { repeatFailed } from './runner/repeatFailed.ts';
import type { Failure, PhaseResult } from './runner/reporter.ts';
import { runPhase } from './runner/runPhase.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Leading words choose phases; the rest goes to mocha. Without a word all run that are not `onlyAsked`. */
function parseArguments(args: string[]): { chosen: Phase[]; mochaArgs: string[] } {
  const firstOption = args.findIndex((arg) => arg.startsWith('-'));
  const words = firstOption === -1 ? args : args.slice(0, firstOption);
  const unknown = words.find((word) => !phaseNames.includes(word as PhaseName));
  if (unknown !== undefined) {
    console.error(`There is no phase '${unknown}'. Use: npm test -- [${phaseNames.join('|')}] [-g PATTERN]`);
    process.exit(2);
  }
  const chosen = phases.filter((phase) => (words.length === 0 ? !phase.onlyAsked : words.includes(phase.name)) && globSync(phase.spec, { cwd: root }).length > 0);
  return { chosen, mochaArgs: firstOption === -1 ? [] : args.slice(firstOption) };
}

/** The tests see neither the operator's tmux, nor an outer cockpit, nor npm's settings of this run. */
function testEnvironment(runDir: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:TMUX|TMUX_PANE|npm_.*|COCKPIT_(?!SCHEDULES$|PROCESS_SCHEDULES$|SEED$|PATH$|VSCODE$).*)$/i.test(name));
  return { ...Object.fromEntries(kept), TMPDIR: runDir, TMUX_TMPDIR: runDir };
}

/** Failures outside of the tests themselves. */
function resultOf(failures: Failure[]): PhaseResult {
  return { passed: 0, failures, passedIn: {} };
}

/** The bundle is part of what the component and extension tests run. */
function build(): PhaseResult {
  const { status } = spawnSync(process.execPath, [join(root, 'esbuild.mjs')], { stdio: 'inherit' });
  return resultOf(status === 0 ? [] : [{ title: 'build of dist/', text: 'esbuild.mjs failed (see above)' }]);
}

function printFailures(heading: string, failures: readonly Failure[]): void {
  if (failures.length > 0) console.log(`\n${heading}`);
  for (const { title, text } of failures) console.log(`\n✗ ${title}\n  ${text.trimEnd().replaceAll('\n', '\n  ')}`);
}

function finish(results: PhaseResult[], unsteady: readonly Failure[] = []): never {
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failures = results.flatMap((result) => result.failures);
  printFailures('Unsteady: failed first, passed when repeated alone. Each is a fault of the test or of the product, to be mended:', unsteady);
  printFailures('Failed:', failures);
  if (passed + failures.length === 0) console.log('No test ran.');
  console.log(`\n${passed} passed, ${failures.length} failed`);
  process.exit(failures.length === 0 && passed > 0 ? 0 : 1);
}

const { chosen, mochaArgs } = parseArguments(process.argv.slice(2));
const problem = prepareMachine(chosen.map((phase) => phase.name));
if (problem !== null) finish([resultOf([{ title: 'set-up of the machine', text: problem }])]);

await clearDeadRuns(tmpdir());
const runDir = mkdtempSync(join(tmpdir(), runDirPrefix));
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interruption.abort(signal);
  });
}

const asLeftovers = (name: string, leftovers: Leftover[]): Failure[] => leftovers.map(({ pid, command }) => ({ title: `process left behind by the ${name} tests`, text: `${pid}: ${command}` }));

const results: PhaseResult[] = [];
const unsteady: Failure[] = [];
if (chosen.some((phase) => phase.name !== 'unit')) results.push(build());
for (const phase of chosen) {
  if (interruption.signal.aborted) break;
  console.log(`\n— ${phase.name} tests —`);
  const options = { root, runDir, env: testEnvironment(runDir), extraArgs: mochaArgs, signal: interruption.signal };
  const first = await runPhase(phase, options);
  const leftovers = asLeftovers(phase.name, await endLeftovers(runDir));
  const repeated = await repeatFailed(phase, first, options);
  results.push(repeated.result);
  // What a failed test left running belongs to its failure.
  if (repeated.unsteady.length > 0) unsteady.push(...repeated.unsteady, ...leftovers);
  else results.push(resultOf(leftovers));
  if (repeated.result !== first) results.push(resultOf(asLeftovers(`repeated ${phase.name}`, await endLeftovers(runDir))));
}
rmSync(runDir, { recursive: true, force: true });
if (interruption.signal.aborted) results.push(resultOf([{ title: 'the whole run', text: `interrupted by ${String(interruption.signal.reason)}` }]));
finish(results, unsteady);
