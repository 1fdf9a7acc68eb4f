import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Phase } from '../../runner/phases.ts';
import { repeatFailed } from '../../runner/repeatFailed.ts';
import { runPhase } from '../../runner/runPhase.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

describe('a failed test file is run once more', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'ck-repeat-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  async function run(files: Record<string, string>, repeats = true) {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), `const { existsSync, writeFileSync } = require('node:fs');\n${text}`);
    const phase: Phase = { name: 'component', spec: join(dir, '*.cjs'), mochaArgs: [], timeoutMs: 60_000, repeats };
    const options = { root, runDir: dir, env: process.env, extraArgs: [], signal: new AbortController().signal };
    return repeatFailed(phase, await runPhase(phase, options), options);
  }
  const steady = `it('holds', () => {});`;
  const onlyFirst = `it('holds too', () => {}); it('fails first', () => { const known = existsSync(__dirname + '/known'); writeFileSync(__dirname + '/known', ''); if (!known) throw new Error('first'); });`;
  const broken = `it('holds as well', () => {}); it('fails always', () => { throw new Error('always'); });`;
  const hook = `describe('suite', () => { before(() => { const seen = existsSync(__dirname + '/seen'); writeFileSync(__dirname + '/seen', ''); if (!seen) throw new Error('hook'); }); it('one', () => {}); it('two', () => {}); });`;

  it('what passes then counts as passed and is named; what fails again stays failed', async () => {
    const { result, unsteady } = await run({ 'a.cjs': steady, 'b.cjs': onlyFirst, 'c.cjs': broken });
    assert.deepEqual([result.passed, result.failures.map(({ title }) => title), unsteady.map(({ title }) => title)], [4, ['fails always'], ['fails first']]);
  });

  it('the tests behind a failed hook run then', async () => {
    const { result, unsteady } = await run({ 'a.cjs': steady, 'd.cjs': hook });
    assert.deepEqual([result.passed, result.failures, unsteady.map(({ title }) => title)], [3, [], ['suite "before all" hook for "one"']]);
  });

  it('not in a phase that has to hold at once', async () => {
    const { result, unsteady } = await run({ 'b.cjs': onlyFirst }, false);
    assert.deepEqual([result.passed, result.failures.map(({ title }) => title), unsteady], [1, ['fails first'], []]);
  });
});
