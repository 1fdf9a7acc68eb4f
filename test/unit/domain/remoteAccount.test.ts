import assert from 'node:assert/strict';
import { accountStateOf, configureAccounts, emptyBook, seatAgent, seatName, seatOf, withSeat, type AccountBook, type AccountNow } from '../../../src/supervisor/domain/account.ts';
import { chooseForRemote, chooserFor, installedAtRemote, takenBack, type RemoteNeed } from '../../../src/supervisor/domain/remoteAccount.ts';
import { retryRotation } from '../../../src/supervisor/domain/rotation.ts';

const startMs = Date.parse('2026-03-01T10:00:00Z');
const at = (minutes: number, logins = ['a', 'b', 'c'], suffix = ''): AccountNow => ({ nowMs: startMs + minutes * 60_000, logins: new Map(logins.map((key) => [key, `login of ${key}${suffix}`])) });
const limit: RemoteNeed = { kind: 'exhausted', signature: 'usage-limit: You hit it' };
const lost: RemoteNeed = { kind: 'login', signature: 'token-refused: sign in again' };
const key = 'box~1';

function book(now = at(0)): AccountBook {
  return seatAgent(configureAccounts(emptyBook, ['a', 'b', 'c']), seatName('agent', key), now, false);
}
/** Chooses and installs what was chosen; which account that is, or why none. */
function serve(before: AccountBook, need: RemoteNeed, now = at(0), session = key): { book: AccountBook; said: string } {
  const { book: after, choice } = chooseForRemote(before, { alias: 'box', key: session, need }, now);
  if (choice.kind === 'none') return { book: after, said: 'none' };
  return { book: choice.kind === 'install' ? installedAtRemote(after, { alias: 'box', key: session, need }, choice.account, now) : after, said: `${choice.kind} ${choice.account}` };
}
/** The remote screen says something else: Codex was started again. */
const restarted = (before: AccountBook, session = key) => withSeat(before, seatName('remote', session), { ...seatOf(before, seatName('remote', session)), over: null });

describe('the account of a remote Codex', () => {
  it('MCP-7 the first login is of an account that no agent uses here, and a second call only says to start Codex again', () => {
    const first = serve(book(), limit);
    assert.equal(first.said, 'install b');
    assert.equal(serve(first.book, limit).said, 'relaunch b', 'the screen is still the old one');
    assert.equal(accountStateOf(first.book, 'b', at(0)), 'ready');
  });

  it('ACCT-2 ACCT-3 the same text on the screen moves B to C to A, once each, when Codex was started again between', () => {
    const b = serve(book(), limit);
    const c = serve(restarted(b.book), limit, at(1));
    assert.equal(c.said, 'install c');
    assert.equal(accountStateOf(c.book, 'b', at(1)), 'exhausted');
    assert.equal(serve(c.book, limit, at(1)).said, 'relaunch c');
    const a = serve(restarted(c.book), limit, at(2));
    assert.equal(a.said, 'install a', 'used here, but there is no other');
    const none = serve(restarted(a.book), limit, at(3));
    assert.equal(none.said, 'none');
    const pending = seatOf(none.book, seatName('remote', key)).pending;
    assert.equal(pending?.from, 'a');
  });

  it('ACCT-4 a remote for which none is ready waits, and its agent is told when one is', () => {
    let now = serve(book(at(0, ['a'])), limit, at(0, ['a']));
    now = serve(restarted(now.book), limit, at(1, ['a']));
    assert.equal(now.said, 'none');
    const after = retryRotation(now.book, seatName('remote', key), at(2, ['a', 'b']), { counts: false }, chooserFor('box'));
    assert.deepEqual([seatOf(after, seatName('remote', key)).pending, seatOf(after, seatName('remote', key)).owesWord], [null, true]);
    assert.equal(serve(after, limit, at(2, ['a', 'b'])).said, 'install b');
  });

  it('MCP-7 another session of the host takes the login that is there', () => {
    const b = serve(book(), limit);
    const c = serve(restarted(b.book), limit, at(1));
    assert.equal(serve(c.book, limit, at(1), 'box~2').said, 'relaunch c');
  });

  it('ACCT-6 an installed login that Codex does not take is not sent again, until there is another one', () => {
    const b = serve(book(), lost);
    assert.equal(b.said, 'install b');
    assert.equal(serve(restarted(b.book), lost).said, 'refused b');
    assert.equal(serve(restarted(b.book), { kind: 'unseen' }).said, 'relaunch b');
    assert.equal(serve(restarted(b.book), lost, at(1, ['a', 'b'], ' anew')).said, 'install b');
  });

  it('MCP-7 what was taken back is free again', () => {
    const b = serve(book(), limit);
    assert.deepEqual(b.book.lent, { box: { account: 'b', login: 'login of b' } });
    assert.deepEqual(takenBack(b.book, 'box').lent, {});
  });
});
