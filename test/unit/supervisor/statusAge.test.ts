import assert from 'node:assert/strict';
import { statusOf } from '../../../src/supervisor/statusOf.ts';
import { someHost } from '../../support/fleet.ts';

describe('age of a host in the status', () => {
  const ageMs = (listedAtMs: number | null, heardMs: number | null) =>
    statusOf({ hosts: [someHost({ listedAtMs })], selectedAlias: 'box', focus: 'agent' }, {
      nowMs: 10_000, version: '', dataDir: '', agentsDir: '', supervisor: { running: true, pid: 1, owner: 'cli', since: null, notices: [] }, accounts: [], heardMs: () => heardMs,
    }).hosts[0]?.ageMs;

  it('CTL-2 is that of its last word, not of the last listing that differed', () => {
    assert.deepEqual([ageMs(1_000, 9_500), ageMs(1_000, null), ageMs(null, 9_500)], [500, 9_000, null]);
  });
});
