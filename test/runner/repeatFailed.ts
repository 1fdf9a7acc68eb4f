import { relative } from 'node:path';
import type { Phase } from './phases.ts';
import type { Failure, PhaseResult } from './reporter.ts';
import { runPhase, type RunPhaseOptions } from './runPhase.ts';

/** More failed files than this are no accident of a busy machine. */
const maxRepeatedFiles = 4;

/** What stands after the repetition, and the failures that it did not confirm. */
export type Repeated = { result: PhaseResult; unsteady: Failure[] };

/**
 * Runs each file of `first` in which something failed once more, in a process of its own; what it says then replaces what the file said first.
 * A failure outside of any file, too many failed files, or an interruption leave `first` as it is.
 */
export async function repeatFailed(phase: Phase, first: PhaseResult, options: RunPhaseOptions): Promise<Repeated> {
  const files = [...new Set(first.failures.map(({ file }) => file))];
  if (!phase.repeats || files.length === 0 || files.length > maxRepeatedFiles || options.signal.aborted) return { result: first, unsteady: [] };
  let result = first;
  const unsteady: Failure[] = [];
  for (const [index, file] of files.entries()) {
    if (file === undefined) continue;
    const failed = first.failures.filter((failure) => failure.file === file);
    console.log(`\n— once more, alone: ${relative(options.root, file)} (${failed.length} failed) —`);
    const again = await runPhase({ ...phase, name: `${phase.name}-again-${index}`, spec: file }, options);
    result = {
      passed: result.passed - (first.passedIn[file] ?? 0) + again.passed,
      passedIn: { ...result.passedIn, ...again.passedIn },
      failures: [...result.failures.filter((failure) => failure.file !== file), ...again.failures],
    };
    unsteady.push(...failed.filter(({ title }) => !again.failures.some((failure) => failure.title === title)));
  }
  return { result, unsteady };
}
