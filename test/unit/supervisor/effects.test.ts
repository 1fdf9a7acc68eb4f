import assert from 'node:assert/strict';
import { toDisposable } from '../../../src/supervisor/base/disposable.ts';
import { nullLogger } from '../../../src/supervisor/base/logger.ts';
import type { Fact } from '../../../src/supervisor/domain/facts.ts';
import type { Effect } from '../../../src/supervisor/domain/reduce.ts';
import { EffectRunner } from '../../../src/supervisor/effects.ts';
import { noNotes } from '../../support/noNotes.ts';
import type { HostLink } from '../../../src/supervisor/hosts/hostLink.ts';

const adopt: Effect = { kind: 'adopt', ref: { alias: 'box', id: '$1' } };
const claim: Effect = { kind: 'claim', ref: { alias: 'box', id: '$1' } };
const reply = { mark: { owner: 'agent:inst', epoch: 1, supervisor: 'me' }, server: { pid: 1, startTime: 1 } };

/** A runner whose requests do what `request` does, and whose clock is turned by hand. */
function runner(request: () => unknown) {
  const timers: { delayMs: number; run: () => void }[] = [];
  const facts: Fact[] = [];
  const seen = { requests: 0, asked: 0 };
  const link: Pick<HostLink, 'isOnline' | 'request'> = {
    isOnline: true,
    request: () => {
      seen.requests += 1;
      return request() as Promise<never>;
    },
  };
  const effects = new EffectRunner({
    install: 'inst', supervisorName: 'me', link: () => link as HostLink, observe: (fact) => { facts.push(fact); }, askAgain: () => { seen.asked += 1; },
    lastEpoch: () => 0, recordEpoch: () => undefined, notes: noNotes, logger: nullLogger,
    clock: {
      nowMs: () => 0, isoNow: () => '', every: () => toDisposable(() => undefined),
      after: (delayMs, run) => {
        const timer = { delayMs, run };
        timers.push(timer);
        return toDisposable(() => void timers.splice(timers.indexOf(timer) >>> 0, 1));
      },
    },
  });
  const run = async (effect: Effect) => {
    effects.run(effect);
    await new Promise((resolve) => { setImmediate(resolve); });
  };
  return { effects, run, facts, seen, timers, pass: () => { timers.shift()?.run(); } };
}

describe('effects', () => {
  it('REL-4 an effect that fails is held for 2 s, doubling to 30 s, and is asked for again after that', async () => {
    const r = runner(() => Promise.reject(new Error('no')));
    const held: (number | undefined)[] = [];
    for (let n = 1; n <= 6; n += 1) {
      await r.run(adopt);
      await r.run(adopt);
      assert.equal(r.seen.requests, n);
      held.push(r.timers[0]?.delayMs);
      r.pass();
      assert.equal(r.seen.asked, n);
    }
    assert.deepEqual(held, [2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });

  it("OWN-1 a person's claim does not wait for another effect that failed", async () => {
    const r = runner(() => Promise.reject(new Error('no')));
    await r.run(adopt);
    await r.run(claim);
    assert.equal(r.seen.requests, 2);
  });

  it('a success and a change of the link end the hold', async () => {
    let works = false;
    const r = runner(() => (works ? Promise.resolve(reply) : Promise.reject(new Error('no'))));
    await r.run(adopt);
    r.effects.linkChanged('other');
    await r.run(adopt);
    assert.equal(r.seen.requests, 1);
    r.effects.linkChanged('box');
    assert.equal(r.timers.length, 0);
    works = true;
    await r.run(adopt);
    assert.deepEqual(r.facts, [{ kind: 'ownership', alias: 'box', id: '$1', ...reply }]);
    works = false;
    await r.run(adopt);
    assert.equal(r.timers[0]?.delayMs, 2_000);
  });

  it('what throws at once is a failure like any other', async () => {
    let bad = true;
    const broken = (): HostLink | undefined => { if (bad) throw new Error('broken'); return undefined; };
    const requests: string[] = [];
    const effects = new EffectRunner({
      install: 'inst', supervisorName: 'me', link: () => undefined, observe: () => undefined, recordEpoch: () => undefined, notes: noNotes, logger: nullLogger,
      lastEpoch: (key) => { requests.push(key); broken(); return 0; },
    });
    effects.run(adopt);
    await new Promise((resolve) => { setImmediate(resolve); });
    bad = false;
    effects.linkChanged('box');
    effects.run(adopt);
    assert.equal(requests.length, 2);
  });
});
