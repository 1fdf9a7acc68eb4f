import assert from 'node:assert/strict';
import { toDisposable } from '../../../src/supervisor/base/disposable.ts';
import type { Clock } from '../../../src/supervisor/base/clock.ts';
import { Later } from '../../../src/supervisor/base/later.ts';

/** A clock that is turned by hand. */
function handClock() {
  let nowMs = 1_000;
  const timers = new Set<{ atMs: number; fn: () => void }>();
  const clock: Clock = {
    nowMs: () => nowMs, isoNow: () => '', every: () => { throw new Error('something ticks'); },
    after(delayMs, fn) {
      const timer = { atMs: nowMs + delayMs, fn };
      timers.add(timer);
      return toDisposable(() => { timers.delete(timer); });
    },
  };
  const pass = (ms: number) => {
    const endMs = nowMs + ms;
    for (;;) {
      const next = [...timers].filter(({ atMs }) => atMs <= endMs).toSorted((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      timers.delete(next);
      nowMs = next.atMs;
      next.fn();
    }
    nowMs = endMs;
  };
  return { clock, pass, timers };
}

describe('later', () => {
  for (const [name, pace, wanted] of [
    ['with a gap the first runs at once, and a burst behind it once when the gap is over', { gap: 50 }, [1_000, 1_050, 1_200]],
    ['with a delay a burst runs once, so long after its first request', { delay: 50 }, [1_050, 1_250]],
  ] as const) {
    it(`REL-5 ${name}; no timer is left`, () => {
      const { clock, pass, timers } = handClock();
      const ran: number[] = [];
      const later = new Later(clock, pace, () => { ran.push(clock.nowMs()); });
      assert.equal(timers.size, 0);
      for (let n = 0; n < 4; n++) {
        later.request();
        pass(10);
      }
      pass(160);
      assert.equal(timers.size, 0, 'asleep');
      later.request();
      pass(1_000);
      assert.deepEqual(ran, wanted);
      assert.equal(timers.size, 0);
      later.request();
      later.dispose();
      later.request();
      assert.equal(timers.size, 0);
    });
  }

  it('what asks again while it runs has its turn', () => {
    const { clock, pass, timers } = handClock();
    let runs = 0;
    const later: Later = new Later(clock, { delay: 5 }, () => { if (++runs < 3) later.request(); });
    later.request();
    pass(100);
    assert.deepEqual([runs, timers.size], [3, 0]);
  });
});
