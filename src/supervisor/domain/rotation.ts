import { accountStateOf, nextAccount, recordOf, seatOf, withRecord, withSeat, type AccountBook, type AccountNow } from './account.ts';
import type { Markers } from './markers.ts';

/** Why a turn failed, in Codex's words; `code` is its structured word for it, or null. */
export type TurnFailure = { message: string; code: string | null };

/** The sign of every error that has none of its own. */
const anyError = 'error';

/**
 * What a failed turn says of its account: that it is used up, that its login is worth nothing any more, or nothing (STATE-4). Codex's word counts first; what
 * its sentence means is read by the signs of states, as the cell that Codex shows for it.
 */
export function judgeFailure({ message, code }: TurnFailure, markers: Markers): 'exhausted' | 'refused' | null {
  const sign = markers.cells.find(({ pattern }) => pattern.test(`■ ${message}`));
  if (code === 'unauthorized' || sign?.says === 'auth-needed') return 'refused';
  const isUsedUp = sign?.says === 'out-of-tokens';
  // A limit of one model, or of a workspace that all its members share, has a sign of its own, and another account does not lift it.
  if (code === 'usageLimitExceeded') return isUsedUp || sign === undefined || sign.id === anyError ? 'exhausted' : null;
  return (code === null || code === 'other') && isUsedUp ? 'exhausted' : null;
}

/** When nobody says when a limit ends. */
const unknownLimitMs = 3_600_000;
const firstRetryMs = 10_000;
const longestRetryMs = 15 * 60_000;
const handledKept = 20;

/** Whose turn it is. */
export type Choose = (book: AccountBook, now: AccountNow) => string | null;

/** An account that met its limit on one side of a session. `signature` tells one happening from the next. */
export type Exhaustion = { account: string; signature: string; reason: string };

/** The book after an account was used up: it goes to the end, and the session moves to the next ready one or waits for it (ACCT-2 to ACCT-4). The same book if this was acted on before. */
export function exhaust(book: AccountBook, name: string, { account, signature, reason }: Exhaustion, now: AccountNow, choose: Choose = nextAccount): AccountBook {
  const seat = seatOf(book, name);
  const mark = `${account} ${signature}`;
  if (seat.account !== account || seat.handled.includes(mark)) return book;
  const until = limitEnd(book, account, now);
  const moved = withRecord({ ...book, order: [...book.order.filter((key) => key !== account), account] }, account, { exhaustedUntil: until });
  const waiting = withSeat(moved, name, { ...seat, handled: [...seat.handled, mark].slice(-handledKept), pending: seat.pending ?? { from: account, reason, attempts: 0, nextTryAt: until } });
  // It waits already: another turn that a person tried meanwhile changes nothing about when it is tried again.
  if (seat.pending !== null) return waiting;
  return takeNext(waiting, name, now, choose);
}

/** The book after another look for an account that a session waits for: it has one, or the next try is later (ACCT-4). `counts`: this was a try whose time had come, not a look because something changed. */
export function retryRotation(book: AccountBook, name: string, now: AccountNow, options: { counts: boolean }, choose: Choose = nextAccount): AccountBook {
  const { pending } = seatOf(book, name);
  if (pending === null) return book;
  if (!options.counts && choose(book, now) === null) return book;
  return takeNext(book, name, now, choose);
}

/** The book after the login of an account was refused: nothing is tried with it until there is another login (ACCT-6). */
export function refuseLogin(book: AccountBook, name: string, account: string, why: string, now: AccountNow): AccountBook {
  const seat = seatOf(book, name);
  if (seat.account !== account || seat.held !== null) return book;
  const login = now.logins.get(account);
  const marked = login === undefined ? book : withRecord(book, account, { refused: { why, login } });
  return withSeat(marked, name, { ...seat, held: why });
}

function takeNext(book: AccountBook, name: string, now: AccountNow, choose: Choose): AccountBook {
  const seat = seatOf(book, name);
  if (seat.pending === null) return book;
  const account = choose(book, now);
  // What was acted on when it last had this account is long over.
  const handled = seat.handled.filter((mark) => !mark.startsWith(`${account ?? ''} `));
  if (account !== null) return withSeat(book, name, { ...seat, account, handled, pending: null, held: null, owesWord: true, round: seat.round + 1 });
  const attempts = seat.pending.attempts + 1;
  return withSeat(book, name, { ...seat, pending: { ...seat.pending, attempts, nextTryAt: new Date(nextTryMs(book, attempts, now)).toISOString() } });
}

/** Backs off, but is there when the first limit ends. */
function nextTryMs(book: AccountBook, attempts: number, now: AccountNow): number {
  const backoff = now.nowMs + Math.min(firstRetryMs * 2 ** Math.min(attempts - 1, 16), longestRetryMs);
  const ends = book.order.flatMap((account) => (accountStateOf(book, account, now) === 'exhausted' ? [Date.parse(recordOf(book, account).exhaustedUntil ?? '')] : []));
  return Math.min(backoff, ...ends);
}

/** When the windows that are full are all empty again. */
function limitEnd(book: AccountBook, account: string, now: AccountNow): string {
  const ends = recordOf(book, account).limits.flatMap(({ usedPercent, resetsAt }) => (usedPercent >= 100 && resetsAt !== null && Date.parse(resetsAt) > now.nowMs ? [Date.parse(resetsAt)] : []));
  return new Date(ends.length > 0 ? Math.max(...ends) : now.nowMs + unknownLimitMs).toISOString();
}
