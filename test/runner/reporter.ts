import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** What did not pass. `file`: absolute path of its test file, where there is one. */
export type Failure = { title: string; text: string; file?: string };

/** What one mocha process leaves in its result file. `passedIn`: how many tests of each file passed. */
export type PhaseResult = { passed: number; failures: Failure[]; passedIn: Record<string, number> };

const { EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_RUN_END } = Mocha.Runner.constants;

/** Mocha's live `spec` output, and the counts as JSON in the file named by the reporter option `output`. */
class SpecAndFile extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions & { reporterOption?: { output?: string } }) {
    super(runner, options);
    const passedIn: Record<string, number> = {};
    const result: PhaseResult = { passed: 0, failures: [], passedIn };
    runner.on(EVENT_TEST_PASS, ({ file = '' }) => {
      result.passed += 1;
      passedIn[file] = (passedIn[file] ?? 0) + 1;
    });
    runner.on(EVENT_TEST_FAIL, (test, error: unknown) => {
      // A hook carries no file of its own.
      const file = test.file ?? test.parent?.file;
      result.failures.push({ title: test.fullTitle(), text: textOf(error), ...(file === undefined ? {} : { file }) });
    });
    runner.once(EVENT_RUN_END, () => {
      const output = options.reporterOption?.output;
      if (output !== undefined) writeFileSync(output, JSON.stringify(result));
    });
  }
}

function textOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('stack' in error && typeof error.stack === 'string') return error.stack;
  return 'message' in error ? String(error.message) : JSON.stringify(error);
}

export { SpecAndFile as default };
