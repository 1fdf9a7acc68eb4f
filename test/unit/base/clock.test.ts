import assert from 'node:assert/strict';
import { systemClock } from '../../../src/supervisor/base/clock.ts';

describe('the clock of the machine', () => {
  const { now } = Date;
  afterEach(() => {
    Date.now = now;
  });

  it('REL-5 a jump of the wall clock by a day changes neither durations nor timers', async () => {
    const before = systemClock.nowMs();
    Date.now = () => now() - 86_400_000;
    const passed = systemClock.nowMs() - before;
    assert.ok(passed >= 0 && passed < 1000, `${passed} ms`);
    await new Promise<void>((done) => systemClock.after(5, done));
    assert.ok(systemClock.nowMs() - before < 1000);
  });
});
