import assert from 'node:assert/strict';
import fc from 'fast-check';
import { accountStateOf, configureAccounts, emptyBook, isLent, seatAgent, seatName, seatOf, withRecord, type AccountBook, type AccountNow } from '../../../src/supervisor/domain/account.ts';
import { limitLabel } from '../../../src/supervisor/domain/limitLabel.ts';
import { builtInMarkers } from '../../../src/supervisor/domain/markers.ts';
import { exhaust, judgeFailure, refuseLogin, retryRotation } from '../../../src/supervisor/domain/rotation.ts';

const startMs = Date.parse('2026-03-01T10:00:00Z');
const hourMs = 3_600_000;
const one = seatName('agent', 'box~1');
const other = seatName('agent', 'box~2');
const at = (minutes: number, logins: string[] = ['a', 'b', 'c']): AccountNow => ({ nowMs: startMs + minutes * 60_000, logins: new Map(logins.map((key) => [key, `login of ${key}`])) });

function book(keys = ['a', 'b', 'c'], now = at(0)): AccountBook {
  return seatAgent(seatAgent(configureAccounts(emptyBook, keys), one, now, false), other, now, false);
}
const meet = (before: AccountBook, name: string, signature: string, now = at(0)) => exhaust(before, name, { account: seatOf(before, name).account ?? '', signature, reason: 'limit' }, now);

describe('what a failed turn says of its account', () => {
  const usage = 'You’ve hit your usage limit. Upgrade to Pro (https://chatgpt.com/explore/pro) or try again at 5:37 AM.';
  const rows: [string, string | null, ReturnType<typeof judgeFailure>][] = [
    [usage, 'usageLimitExceeded', 'exhausted'],
    [usage.replace('’', "'"), null, 'exhausted'],
    ['Quota exceeded. Check your plan and billing details.', null, 'exhausted'],
    ['To use Codex with your ChatGPT plan, upgrade to Plus: https://chatgpt.com/explore/plus.', 'other', 'exhausted'],
    ['You’ve hit your usage limit for gpt-6-sol. Switch to another model now, or try again at 5:37 AM.', 'usageLimitExceeded', null],
    ['Your workspace is out of credits. Add credits to continue.', 'usageLimitExceeded', null],
    ['You hit your spend cap set in your workspace.', 'usageLimitExceeded', null],
    ['Codex ran out of room in the model\'s context window. Start a new thread or clear earlier history before retrying.', 'contextWindowExceeded', null],
    ['Selected model is at capacity. Please try a different model.', 'serverOverloaded', null],
    ['exceeded retry limit, last status: 429 Too Many Requests', 'responseTooManyFailedAttempts', null],
    ['stream disconnected before completion: usage limit', 'responseStreamDisconnected', null],
    ['Your access token could not be refreshed because your refresh token was already used. Please log out and sign in again.', null, 'refused'],
    ['Your access token could not be refreshed because your refresh token was revoked.', 'other', 'refused'],
    ['unexpected status 401 Unauthorized: no such key, url: http://x/v1/responses', 'other', 'refused'],
    ['whatever', 'unauthorized', 'refused'],
    ['A limit in words that nobody knows.', 'usageLimitExceeded', 'exhausted'],
  ];
  for (const [message, code, verdict] of rows) {
    it(`ACCT-2 ACCT-6 STATE-4 ${String(verdict)}: ${message.slice(0, 60)} (${String(code)})`, () => {
      assert.equal(judgeFailure({ message, code }, builtInMarkers), verdict);
    });
  }
});

describe('rotation of accounts', () => {
  it('ACCT-1 an agent gets the first account that is logged in, and none if there is none', () => {
    assert.equal(seatOf(book(), one).account, 'a');
    assert.equal(seatOf(book(['a', 'b'], at(0, ['b'])), one).account, 'b');
    assert.equal(seatOf(book(['a'], at(0, [])), one).account, null);
  });

  it('ACCT-2 the one that is used up goes to the end, its session moves, the other session stays', () => {
    const after = meet(book(), one, 't1');
    assert.deepEqual(after.order, ['b', 'c', 'a']);
    assert.deepEqual([seatOf(after, one).account, seatOf(after, other).account], ['b', 'a']);
    assert.equal(accountStateOf(after, 'a', at(0)), 'exhausted');
    assert.equal(accountStateOf(after, 'a', at(61)), 'ready', 'nobody said until when: an hour');
  });

  it('ACCT-3 the same text moves A to B to C, and what was acted on does nothing more', () => {
    const first = meet(book(), one, 'same text');
    const second = meet(first, one, 'same text');
    assert.deepEqual([seatOf(first, one).account, seatOf(second, one).account], ['b', 'c']);
    assert.equal(exhaust(second, one, { account: 'a', signature: 'same text', reason: 'limit' }, at(1)), second);
    const back = seatAgent({ ...second, seats: { ...second.seats, [one]: { ...seatOf(second, one), account: 'a' } } }, one, at(1), false);
    assert.equal(meet(back, one, 'same text', at(1)), back, 'again A with a text that was acted on');
  });

  it('ACCT-4 with none ready it waits with backoff, is there when the first limit ends, and takes the first that is ready', () => {
    let now = book(['a', 'b']);
    now = withRecord(now, 'b', { exhaustedUntil: new Date(startMs + 2 * hourMs).toISOString() });
    now = meet(now, one, 't1');
    const tries: number[] = [];
    for (let pending = seatOf(now, one).pending; pending !== null && tries.length < 50; pending = seatOf(now, one).pending) {
      assert.deepEqual([pending.from, pending.reason, pending.attempts], ['a', 'limit', tries.length + 1]);
      const minutes = (Date.parse(pending.nextTryAt) - startMs) / 60_000;
      tries.push(Math.round(minutes * 60));
      assert.equal(retryRotation(now, one, at(minutes - 0.05), { counts: false }), now, 'a look before its time changes nothing');
      now = retryRotation(now, one, at(minutes), { counts: true });
    }
    assert.deepEqual(tries.slice(0, 4), [10, 30, 70, 150]);
    assert.equal(tries.at(-1), 3600, 'the limit of a ends after an hour');
    assert.equal(seatOf(now, one).account, 'a');
    assert.equal(seatOf(now, one).owesWord, true);
  });

  it('ACCT-4 a turn that fails while it waits changes nothing about the next try', () => {
    const waits = meet(book(['a'], at(0, ['a'])), one, 't1', at(0, ['a']));
    const again = meet(waits, one, 't2', at(0.1, ['a']));
    assert.deepEqual(seatOf(again, one).pending, seatOf(waits, one).pending);
  });

  it('ACCT-4 an account that is logged in meanwhile is taken before the time of the next try', () => {
    const waits = meet(book(['a', 'b'], at(0, ['a'])), one, 't1', at(0, ['a']));
    assert.equal(seatOf(waits, one).pending?.from, 'a');
    assert.equal(seatOf(retryRotation(waits, one, at(0.01), { counts: false }), one).account, 'b');
  });

  it('ACCT-6 a refused login holds the session where it is, until the account has another login', () => {
    const held = refuseLogin(book(), one, 'a', 'refused', at(0));
    assert.deepEqual([seatOf(held, one).account, seatOf(held, one).held], ['a', 'refused']);
    assert.equal(accountStateOf(held, 'a', at(0)), 'refused');
    assert.equal(refuseLogin(held, one, 'a', 'refused', at(1)), held);
    assert.equal(seatAgent(held, one, at(5), false), held, 'nothing is tried');
    const now = { ...at(6), logins: new Map([...at(6).logins, ['a', 'a new login']]) };
    const free = seatAgent(held, one, now, false);
    assert.deepEqual([seatOf(free, one).account, seatOf(free, one).held, seatOf(free, one).round], ['a', null, seatOf(held, one).round + 1]);
    assert.equal(accountStateOf(free, 'a', now), 'ready');
  });

  it('MCP-7 an account that is lent to a remote is left by idle agents while another is ready, and used if none is', () => {
    const lent = { ...book(), lent: { box: { account: 'a', login: 'x' } } };
    assert.equal(seatAgent(lent, one, at(0), true), lent, 'not in the middle of work');
    assert.equal(seatOf(seatAgent(lent, one, at(0), false), one).account, 'b');
    const all = { ...book(['a'], at(0, ['a'])), lent: { box: { account: 'a', login: 'x' } } };
    assert.equal(seatAgent(all, one, at(0, ['a']), false), all);
  });

  it('ACCT-1 a new order in the configuration is the order, and accounts that are gone are forgotten', () => {
    const after = configureAccounts(meet(book(), one, 't1'), ['c', 'b']);
    assert.deepEqual([after.order, Object.keys(after.accounts)], [['c', 'b'], []]);
  });

  it('ACCT-7 windows are named by their length', () => {
    assert.deepEqual([300, 10_080, 1440, 60, 4320, 90].map(limitLabel), ['5h', 'weekly', 'daily', 'hourly', '3d', '90min']);
  });

  it('ACCT-2 ACCT-3 ACCT-4 whatever happens: the order keeps every account once, nobody moves to one that is not ready, and nothing is acted on twice', () => {
    const keys = ['a', 'b', 'c'];
    const step = fc.oneof(
      fc.record({ kind: fc.constant('exhaust' as const), name: fc.constantFrom(one, other), signature: fc.constantFrom('t1', 't2', 't3') }),
      fc.record({ kind: fc.constant('refuse' as const), name: fc.constantFrom(one, other) }),
      fc.record({ kind: fc.constant('look' as const), name: fc.constantFrom(one, other), counts: fc.boolean() }),
      fc.record({ kind: fc.constant('lend' as const), account: fc.constantFrom(...keys) }),
    );
    fc.assert(fc.property(fc.array(fc.record({ step, minutes: fc.integer({ min: 0, max: 40 }), logins: fc.subarray(keys, { minLength: 1 }) }), { maxLength: 40 }), (steps) => {
      let now = book();
      let minutes = 0;
      for (const { step, minutes: more, logins } of steps) {
        minutes += more;
        const when = at(minutes, logins);
        const before = now;
        switch (step.kind) {
          case 'exhaust': {
            const account = seatOf(now, step.name).account ?? '';
            now = meet(now, step.name, step.signature, when);
            assert.equal(exhaust(now, step.name, { account, signature: step.signature, reason: 'limit' }, when), now, 'acted on twice');
            break;
          }
          case 'refuse':
            now = refuseLogin(now, step.name, seatOf(now, step.name).account ?? '', 'no', when);
            break;
          case 'look':
            now = seatAgent(retryRotation(now, step.name, when, step), step.name, when, false);
            break;
          case 'lend':
            now = { ...now, lent: { box: { account: step.account, login: 'x' } } };
        }
        assert.deepEqual([...now.order].sort(), keys);
        for (const name of [one, other]) {
          const [old, next] = [seatOf(before, name), seatOf(now, name)];
          if (next.account === old.account) continue;
          const state = next.account === null ? null : accountStateOf(now, next.account, when);
          const usable = old.account !== null && logins.includes(old.account);
          if (usable) assert.equal(state, 'ready', `${name} moved to ${String(next.account)}`);
          if (state === 'ready' && next.account !== null && isLent(now, next.account)) assert.ok(keys.every((key) => isLent(now, key) || accountStateOf(now, key, when) !== 'ready'));
          assert.equal(next.pending, null);
        }
      }
    }));
  });
});
