// `npm test [-- PHASE… [MOCHA OPTIONS]]`: prepares the machine, builds, runs the phases, and closes with `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clearDeadRuns, endLeftovers, runDirPrefix } from './runner/leftovers.ts';
import { prepareMachine } from './runner/machine.ts';
import { phaseNames, phases, type Phase, type PhaseName } from './runner/phases.ts';
import type { PhaseResult } from './runner/reporter.ts';
import { runPhase } from './runner/runPhase.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Leading words choose phases; the rest goes to mocha. Without a word the phases run that do so by default. */
function parseArguments(args: string[]): { chosen: Phase[]; mochaArgs: string[] } {
  const firstOption = args.findIndex((arg) => arg.startsWith('-'));
  const words = firstOption === -1 ? args : args.slice(0, firstOption);
  const unknown = words.find((word) => !phaseNames.includes(word as PhaseName));
  if (unknown !== undefined) {
    console.error(`There is no phase '${unknown}'. Use: npm test -- [${phaseNames.join('|')}] [-g PATTERN]`);
    process.exit(2);
  }
  const chosen = phases.filter((phase) => (words.length === 0 ? phase.byDefault : words.includes(phase.name)) && globSync(phase.spec, { cwd: root }).length > 0);
  return { chosen, mochaArgs: firstOption === -1 ? [] : args.slice(firstOption) };
}

/** The tests see neither the operator's tmux, nor an outer cockpit, nor npm's settings of this run. */
function testEnvironment(runDir: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(?:TMUX|TMUX_PANE|npm_.*|COCKPIT_.*)$/i.test(name));
  return { ...Object.fromEntries(kept), TMPDIR: runDir, TMUX_TMPDIR: runDir };
}

/** The bundle is part of what the component and extension tests run. */
function build(): PhaseResult {
  const { status } = spawnSync(process.execPath, [join(root, 'esbuild.mjs')], { stdio: 'inherit' });
  return { passed: 0, failures: status === 0 ? [] : [{ title: 'build of dist/', text: 'esbuild.mjs failed (see above)' }] };
}

function finish(results: PhaseResult[]): never {
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  const failures = results.flatMap((result) => result.failures);
  if (failures.length > 0) console.log('\nFailed:');
  for (const { title, text } of failures) console.log(`\n✗ ${title}\n  ${text.trimEnd().replaceAll('\n', '\n  ')}`);
  if (passed + failures.length === 0) console.log('No test ran.');
  console.log(`\n${passed} passed, ${failures.length} failed`);
  process.exit(failures.length === 0 && passed > 0 ? 0 : 1);
}

const { chosen, mochaArgs } = parseArguments(process.argv.slice(2));
const problem = prepareMachine(chosen.map((phase) => phase.name));
if (problem !== null) finish([{ passed: 0, failures: [{ title: 'set-up of the machine', text: problem }] }]);

await clearDeadRuns(tmpdir());
const runDir = mkdtempSync(join(tmpdir(), runDirPrefix));
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    interruption.abort(signal);
  });
}

const results: PhaseResult[] = [];
if (chosen.some((phase) => phase.name !== 'unit')) results.push(build());
for (const phase of chosen) {
  if (interruption.signal.aborted) break;
  console.log(`\n— ${phase.name} tests —`);
  results.push(await runPhase(phase, { root, runDir, env: testEnvironment(runDir), extraArgs: mochaArgs, signal: interruption.signal }));
  const leftovers = await endLeftovers(runDir);
  const named = leftovers.map(({ pid, command }) => ({ title: `process left behind by the ${phase.name} tests`, text: `${pid}: ${command}` }));
  results.push({ passed: 0, failures: named });
}
rmSync(runDir, { recursive: true, force: true });
if (interruption.signal.aborted) results.push({ passed: 0, failures: [{ title: 'the whole run', text: `interrupted by ${String(interruption.signal.reason)}` }] });
finish(results);
