// `npm run check`: types, lint, unused code and unit tests side by side; prints what failed and exits 1 if anything did.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

type Step = { name: string; command: string; args: string[] };
type Outcome = { name: string; ok: boolean; output: string; seconds: string };

/** The slowest first. */
const steps: Step[] = [
  // The cache goes by files: what a changed type means for an untouched file is seen with `npm run check -- --fresh`.
  { name: 'lint', command: 'eslint/bin/eslint.js', args: ['--max-warnings', '0', ...(process.argv.includes('--fresh') ? [] : ['--cache', '--cache-strategy', 'content', '--cache-location', 'node_modules/.cache/eslint/']), '.'] },
  { name: 'types', command: '@typescript/native/bin/tsc', args: ['-p', '.', '--pretty'] },
  { name: 'unused', command: 'knip/bin/knip.js', args: ['--no-progress'] },
  { name: 'unit', command: 'mocha/bin/mocha.js', args: ['--parallel', '--jobs', '2', '--reporter', 'dot', '--forbid-only', '--forbid-pending', 'test/unit/**/*.test.ts'] },
];

function runStep({ name, command, args }: Step): Promise<Outcome> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [join(root, 'node_modules', command), ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve) => {
    child.on('close', (code) => {
      const outcome = { name, ok: code === 0, output: Buffer.concat(chunks).toString(), seconds: ((performance.now() - startedMs) / 1000).toFixed(1) };
      console.log(`${outcome.ok ? '✓' : '✗'} ${name} (${outcome.seconds} s)`);
      resolve(outcome);
    });
  });
}

const outcomes = await Promise.all(steps.map(runStep));
const failed = outcomes.filter((outcome) => !outcome.ok);
for (const { name, output } of failed) console.log(`\n— ${name} —\n${output.trimEnd()}`);
console.log(failed.length === 0 ? '\ncheck passed' : `\ncheck failed: ${failed.map((outcome) => outcome.name).join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
