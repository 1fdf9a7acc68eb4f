import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { compareWithTests, idsInTitles, reachedMilestones } from '../requirements.ts';

describe('requirements', () => {
  const testRoot = new URL('../', import.meta.url);
  // This file's own titles are examples, not proofs.
  const files = globSync('**/*.test.ts', { cwd: testRoot }).filter((file) => !file.endsWith('requirements.test.ts'));
  const named = new Set(files.flatMap((file) => [...idsInTitles(readFileSync(new URL(file, testRoot), 'utf8'))]));

  it('every id of a reached milestone is named by a test', () => {
    assert.deepEqual(compareWithTests(named, reachedMilestones).untested, []);
  });

  it('every id that a test names exists', () => {
    assert.deepEqual(compareWithTests(named, reachedMilestones).unknown, []);
  });

  it('finds ids in titles only, in every kind of quotes', () => {
    const call = 'it';
    const source = [`// DISC-1`, `${call}('DISC-2 and OWN-3', f)`, `${call}(\n  "it isn't DISC-4", f)`, `${call}(\`DISC-5 \${n}\`, f)`, `use('DISC-6')`].join('\n');
    assert.deepEqual([...idsInTitles(source)].sort(), ['DISC-2', 'DISC-4', 'DISC-5', 'OWN-3']);
  });

  it('reports an id without a test and a test without an id', () => {
    const compared = compareWithTests(new Set(['VSC-1', 'VSC-99']), new Set(['C'] as const));
    assert.deepEqual(compared.unknown, ['VSC-99']);
    assert.ok(compared.untested.includes('VSC-2') && !compared.untested.includes('VSC-1') && !compared.untested.includes('DISC-1'));
  });
});
