// `npm run bench`: prints what cockpit costs beside the way without it and beside the floor, all in the same run. docs/figures.md tells how to read it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endLeftovers } from '../test/runner/leftovers.ts';
import { parseOptions, type Options } from './options.ts';
import { outcomeJson } from './report/json.ts';
import { thisMachine } from './report/machine.ts';
import { outcomeText } from './report/text.ts';
import { verdictOf } from './report/verdict.ts';
import type { Outcome } from './row.ts';
import { rows } from './rows.ts';

type Measured = { row: string; outcome: Outcome };

const runDir = mkdtempSync(join(tmpdir(), 'ckb-'));
// Everything that is started lies in one folder, by which it is found at the end.
process.env['TMPDIR'] = runDir;
for (const name of ['TMUX', 'TMUX_PANE']) Reflect.deleteProperty(process.env, name);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    void clean().finally(() => process.exit(130));
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} finally {
  await clean();
}

async function main(argv: string[]): Promise<number> {
  let options: Options;
  try {
    options = parseOptions(argv, rows);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 2;
  }
  const machine = thisMachine();
  const say = options.json ? console.error : console.log;
  say(`${machine.cpus} cores (${machine.cpu}), ${machine.ramGb} GB, load ${machine.load}; Node ${machine.node}, ${machine.tmux}, ${machine.ssh}; loopback only\n`);
  const measured: Measured[] = [];
  const failed: string[] = [];
  for (const row of options.rows) {
    const startMs = performance.now();
    try {
      const outcomes = await row.run(options.effort);
      for (const outcome of outcomes) {
        measured.push({ row: row.name, outcome });
        if (!options.json) console.log(outcomeText(outcome));
      }
    } catch (error) {
      failed.push(row.name);
      console.error(`${row.name} could not be measured:`, error);
    }
    if (options.json) say(`${row.name}: ${Math.round((performance.now() - startMs) / 1000)} s`);
  }
  if (options.json) console.log(JSON.stringify({ machine, outcomes: measured.map(({ row, outcome }) => outcomeJson(row, outcome)), failed }, null, 2));
  else console.log(summary(measured, failed));
  return failed.length > 0 ? 1 : 0;
}

/** A target that is missed does not fail the run: other work on the machine can be the cause. */
function summary(measured: Measured[], failed: string[]): string {
  const verdicts = measured.flatMap(({ row, outcome: { title, series } }) => series.flatMap((one) => (one.targets ?? []).map((target) => ({ where: `${row}: ${title}: ${one.name}`, ...verdictOf(one, target, series) }))));
  const missed = verdicts.filter(({ isMet }) => !isMet);
  return [
    `${verdicts.length - missed.length} of ${verdicts.length} targets met.`,
    ...missed.map(({ where, text }) => `  ${where}: ${text}`),
    ...failed.map((name) => `  ${name} could not be measured`),
  ].join('\n');
}

async function clean(): Promise<void> {
  const ended = await endLeftovers(runDir);
  for (const { pid, command } of ended) console.error(`left running, ended now: ${pid} ${command}`);
  rmSync(runDir, { recursive: true, force: true });
}
