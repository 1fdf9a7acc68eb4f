/** A group of tests that runs in a mocha process of its own. */
export type Phase = { name: PhaseName; /** glob of its test files */ spec: string; mochaArgs: string[]; /** after this it counts as hung */ timeoutMs: number; /** its tests share the machine with real programs: a failed file is run once more by itself */ repeats: boolean; /** without a word on the command line it does not run */ onlyAsked?: true };

/** Names of the phases, in the order in which they run. */
export const phaseNames = ['unit', 'component', 'extension', 'desktop'] as const;
export type PhaseName = (typeof phaseNames)[number];

const minuteMs = 60_000;

/** What `npm test` runs, and `npm test -- NAME`. */
export const phases: readonly Phase[] = [
  { name: 'unit', spec: 'test/unit/**/*.test.ts', mochaArgs: ['--parallel', '--jobs', '2', '--timeout', '5000'], timeoutMs: 3 * minuteMs, repeats: false },
  { name: 'component', spec: 'test/component/**/*.test.ts', mochaArgs: ['--timeout', '30000'], timeoutMs: 60 * minuteMs, repeats: true },
  // A real VS Code, driven in a browser.
  { name: 'extension', spec: 'test/extension/**/*.test.ts', mochaArgs: ['--timeout', '120000'], timeoutMs: 20 * minuteMs, repeats: true },
  // The suite inside the extension host once more, in a desktop VS Code that has to be downloaded from its makers.
  { name: 'desktop', spec: 'test/desktop/**/*.test.ts', mochaArgs: ['--timeout', '600000'], timeoutMs: 20 * minuteMs, repeats: false, onlyAsked: true },
];
