import assert from 'node:assert/strict';
import fc from 'fast-check';
import { backoffDelayMs } from '../../../src/supervisor/domain/backoff.ts';

describe('backoff', () => {
  it('DISC-7 stays between 0.5 s and 30 s for any attempt and any chance', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, chance) => {
        const delayMs = backoffDelayMs(attempt, () => chance);
        return delayMs >= 500 && delayMs <= 30_000;
      }),
    );
  });

  it('DISC-7 doubles up to the limit and spreads', () => {
    assert.deepEqual([0, 1, 2, 5, 9].map((attempt) => backoffDelayMs(attempt, () => 1)), [500, 1000, 2000, 16_000, 30_000]);
    assert.deepEqual([1, 9].map((attempt) => backoffDelayMs(attempt, () => 0)), [500, 15_000]);
  });
});
