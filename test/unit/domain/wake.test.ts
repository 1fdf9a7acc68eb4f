import assert from 'node:assert/strict';
import fc from 'fast-check';
import { freshWake, holdsBack, lookToWake, nextLookMs, sawWrite, type WakeInput, type WakeState } from '../../../src/supervisor/domain/wake.ts';

const limits = { idleSeconds: 30, maxPerHour: 12, giveUpAfter: 5 };
const idle: WakeInput = {
  isOn: true,
  isOnline: true,
  agent: 'idle',
  remote: 'idle',
  ownership: { kind: 'ours', owner: 'agent', epoch: 1, server: { pid: 1, startTime: 1 }, sinceMs: 0 },
  approvals: 'bypass',
  mayAnswer: false,
  noAccount: null,
  tokens: 100,
};
const second = 1000;
const minute = 60_000;

/** Looks once a second from `fromMs` for `forMs`; every nudge makes the agent work for 5 s, then idle again. Returns when nudges went out. */
function run(start: WakeState, input: WakeInput, fromMs: number, forMs: number): { state: WakeState; nudges: number[] } {
  let state = start;
  const nudges: number[] = [];
  for (let nowMs = fromMs; nowMs < fromMs + forMs; nowMs += second) {
    const last = nudges.at(-1);
    const isBusy = last !== undefined && nowMs - last < 5 * second;
    const step = lookToWake(state, isBusy ? { ...input, agent: 'working' } : input, limits, nowMs);
    state = step.state;
    if (step.nudge) nudges.push(nowMs);
  }
  return { state, nudges };
}

describe('wake', () => {
  it('WAKE-1 nudges an agent that was idle for 30 s, not sooner', () => {
    assert.deepEqual(run(freshWake, idle, 0, 30 * second).nudges, []);
    assert.deepEqual(run(freshWake, idle, 0, 31 * second).nudges, [30 * second]);
  });

  it('WAKE-1 real local activity restarts the timer', () => {
    const { state } = run(freshWake, idle, 0, 25 * second);
    const busy = lookToWake(state, { ...idle, agent: 'working' }, limits, 25 * second).state;
    assert.deepEqual(run(busy, idle, 26 * second, 30 * second).nudges, []);
  });

  it('WAKE-1 WAKE-4 never while the remote works, the human owns, a decision is reserved for the person, or the switch is off', () => {
    const held: Partial<WakeInput>[] = [
      { remote: 'working' },
      { ownership: { kind: 'ours', owner: 'human', epoch: 2, server: { pid: 1, startTime: 1 }, sinceMs: 0 } },
      { ownership: { kind: 'unread' } },
      { remote: 'needs-input', approvals: 'ask' },
      { isOn: false },
      { isOnline: false },
      { agent: 'needs-input' },
      { noAccount: 'the agent waits for an account' },
    ];
    for (const part of held) {
      assert.deepEqual(run(freshWake, { ...idle, ...part }, 0, 10 * minute).nudges, [], JSON.stringify(part));
      assert.notEqual(holdsBack({ ...idle, ...part }), null);
    }
  });

  it('WAKE-1 WAKE-4 REL-5 to look when something changes or the time for it has come gives the same nudges as to look every second', () => {
    const change = fc.record({ afterS: fc.integer({ min: 1, max: 2_000 }), part: fc.constantFrom<Partial<WakeInput>>({}, { agent: 'working' }, { remote: 'working' }, { isOn: false }, { remote: 'shell' }), wrote: fc.boolean() });
    fc.assert(fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      const ends = changes.reduce<number[]>((all, { afterS }) => [...all, (all.at(-1) ?? 0) + afterS * second], []);
      const inputAt = (nowMs: number) => ({ ...idle, ...changes[ends.findLastIndex((atMs) => atMs <= nowMs)]?.part });
      const play = (isSleeper: boolean) => {
        let [state, dueMs] = [freshWake, 0];
        const log: string[] = [];
        for (let nowMs = 0; nowMs < 4 * 60 * minute; nowMs += second) {
          const at = ends.indexOf(nowMs);
          if (changes[at]?.wrote) state = sawWrite(state);
          if (isSleeper && at < 0 && nowMs < dueMs) continue;
          const step = lookToWake(state, inputAt(nowMs), limits, nowMs);
          if (step.nudge || step.state.off !== state.off || step.state.useful !== state.useful) log.push(`${nowMs} ${String(step.nudge)} ${String(step.state.off)} ${step.state.useful}`);
          state = step.state;
          dueMs = nextLookMs(state, inputAt(nowMs), limits) ?? Infinity;
        }
        return log;
      };
      assert.deepEqual(play(true), play(false));
    }), { numRuns: 60 });
  });

  it('WAKE-4 what the policy lets the agent approve does not wait for the person', () => {
    const asked: WakeInput = { ...idle, remote: 'needs-input', approvals: 'ask' };
    assert.deepEqual([holdsBack(asked), holdsBack({ ...asked, mayAnswer: true })], ['the remote waits for your decision', null]);
  });

  it('WAKE-4 a day of a stuck session costs at most the budget, though its state flickers and its agent writes in vain', () => {
    const states = fc.constantFrom('idle' as const, 'error' as const, 'unknown' as const, 'shell' as const, 'needs-input' as const);
    fc.assert(
      fc.property(fc.array(states, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 40 }), fc.boolean(), (remotes, everyMinutes, writes) => {
        let state = freshWake;
        const nudges: number[] = [];
        for (let nowMs = 0; nowMs < 24 * 60 * minute; nowMs += 5 * second) {
          const remote = remotes[Math.floor(nowMs / (everyMinutes * minute)) % remotes.length] ?? 'idle';
          const isBusy = nowMs - (nudges.at(-1) ?? -Infinity) < 20 * second;
          if (isBusy && writes) state = sawWrite(state);
          const step = lookToWake(state, { ...idle, remote, agent: isBusy ? 'working' : 'idle' }, limits, nowMs);
          if (step.nudge) nudges.push(nowMs);
          state = step.state;
        }
        assert.equal(state.sent, nudges.length);
        assert.equal(state.useful, 0);
        assert.ok(nudges.length <= 24 * limits.maxPerHour, String(nudges.length));
        for (const [at, atMs] of nudges.entries()) assert.ok(nudges.slice(at).filter((other) => other - atMs < 60 * minute).length <= limits.maxPerHour);
        if (new Set(remotes).size === 1) assert.ok(nudges.length <= limits.giveUpAfter, `${nudges.length} of a session that never changed`);
      }),
      { numRuns: 20 },
    );
  });

  it('WAKE-4 useless nudges come ever later and end after five, with the reason', () => {
    const { state, nudges } = run(freshWake, idle, 0, 24 * 60 * minute);
    assert.equal(nudges.length, 5);
    const gaps = nudges.slice(1).map((atMs, at) => atMs - (nudges[at] ?? 0));
    assert.ok(gaps.every((gap, at) => at === 0 || gap > (gaps[at - 1] ?? 0)), gaps.join(' '));
    assert.match(state.off ?? '', /5 nudges in a row/);
  });

  it('WAKE-4 a change of the remote state starts them again', () => {
    const { state } = run(freshWake, idle, 0, 24 * 60 * minute);
    const later = 25 * 60 * minute;
    assert.equal(run(state, { ...idle, remote: 'error' }, later, 2 * minute).nudges.length > 0, true);
  });

  it('WAKE-4 a nudge is useful when a write was followed by remote work, and the backoff ends with it', () => {
    const { state } = run(freshWake, idle, 0, 31 * second);
    const wrote = sawWrite(lookToWake(state, { ...idle, agent: 'working' }, limits, 33 * second).state);
    const worked = lookToWake(wrote, { ...idle, remote: 'working' }, limits, 40 * second).state;
    assert.deepEqual([worked.sent, worked.useful, worked.uselessInRow, worked.off], [1, 1, 0, null]);
  });

  it('WAKE-4 at most max_per_hour in any hour and one in flight, whatever happens', () => {
    const part = fc.record({ agent: fc.constantFrom('idle' as const, 'working' as const), remote: fc.constantFrom('idle' as const, 'working' as const, 'error' as const, 'needs-input' as const), write: fc.boolean(), gapMs: fc.integer({ min: 100, max: 5 * minute }) });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 200 }), (steps) => {
        let state = freshWake;
        let nowMs = 0;
        const nudges: number[] = [];
        for (const { agent, remote, write, gapMs } of steps) {
          nowMs += gapMs;
          if (write) state = sawWrite(state);
          const step = lookToWake(state, { ...idle, agent, remote }, limits, nowMs);
          if (step.nudge) {
            assert.equal(state.open !== null && step.state.open === state.open, false);
            nudges.push(nowMs);
          }
          state = step.state;
        }
        for (const atMs of nudges) assert.ok(nudges.filter((other) => other >= atMs && other - atMs < 60 * minute).length <= limits.maxPerHour);
      }),
    );
  });
});
