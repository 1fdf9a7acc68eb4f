import { z } from 'zod';

/** One usage window of an account: told apart by its length, because Codex puts either one first (ACCT-7). */
const limitWindow = z.object({ minutes: z.number(), usedPercent: z.number(), /** ISO-8601 */ resetsAt: z.string().nullable() });
export type LimitWindow = z.infer<typeof limitWindow>;

/** What is remembered of one account. Times are of the wall clock: a limit ends then, whatever this machine did meanwhile. */
const accountRecord = z.object({
  /** ISO-8601 until when it counts as used up, or null. */
  exhaustedUntil: z.string().nullable(),
  /** Why its login was refused, and which login that was: another one is worth a try. */
  refused: z.object({ why: z.string(), login: z.string() }).nullable(),
  limits: z.array(limitWindow),
});
export type AccountRecord = z.infer<typeof accountRecord>;

/** A session that waits for an account (ACCT-4). */
const pendingRotation = z.object({ from: z.string(), reason: z.string(), attempts: z.number().int(), /** ISO-8601 */ nextTryAt: z.string() });
export type PendingRotation = z.infer<typeof pendingRotation>;

/** The account that one side of one session works with. */
const seat = z.object({
  account: z.string().nullable(),
  /** `ACCOUNT SIGNATURE` of what was acted on, newest last (ACCT-3). */
  handled: z.array(z.string()),
  pending: pendingRotation.nullable(),
  /** Why nothing is tried until the account is logged in anew (ACCT-6), or null. */
  held: z.string().nullable(),
  /** It was moved in the middle of its work and was not told yet. */
  owesWord: z.boolean(),
  /** Grows whenever Codex has to read its login anew. */
  round: z.number().int(),
  /** What the remote screen said when a login was installed for it, until it says something else: it is of the time before (remote side only). */
  over: z.string().nullable(),
});
export type Seat = z.infer<typeof seat>;

/** Everything that is remembered of accounts, as it is stored. Values are replaced, never changed. */
export const accountBook = z.object({
  /** Keys as the configuration orders them, and as they are used. */
  configured: z.array(z.string()),
  order: z.array(z.string()),
  accounts: z.record(z.string(), accountRecord),
  /** By `SIDE SESSION_KEY`. */
  seats: z.record(z.string(), seat),
  /** Alias of a host → the account whose login was installed there, and which login that was: the account is not used here while another is ready (MCP-7). */
  lent: z.record(z.string(), z.object({ account: z.string(), login: z.string() })),
});
export type AccountBook = z.infer<typeof accountBook>;

export const emptyBook: AccountBook = { configured: [], order: [], accounts: {}, seats: {}, lent: {} };

/** The present: the wall clock, and which login (any text that changes with it) each account has. */
export type AccountNow = { nowMs: number; logins: ReadonlyMap<string, string> };

export type Side = 'agent' | 'remote';
export const seatName = (side: Side, key: string): string => `${side} ${key}`;

/** What an account is good for right now. */
export const accountStates = ['ready', 'exhausted', 'refused', 'logged-out'] as const;
export type AccountState = (typeof accountStates)[number];

const freshRecord: AccountRecord = { exhaustedUntil: null, refused: null, limits: [] };
const freshSeat: Seat = { account: null, handled: [], pending: null, held: null, owesWord: false, round: 0, over: null };

export function recordOf(book: AccountBook, account: string): AccountRecord {
  return book.accounts[account] ?? freshRecord;
}

export function seatOf(book: AccountBook, name: string): Seat {
  return book.seats[name] ?? freshSeat;
}

export function accountStateOf(book: AccountBook, account: string, now: AccountNow): AccountState {
  const login = now.logins.get(account);
  const { refused, exhaustedUntil } = recordOf(book, account);
  if (login === undefined) return 'logged-out';
  if (refused?.login === login) return 'refused';
  return exhaustedUntil !== null && Date.parse(exhaustedUntil) > now.nowMs ? 'exhausted' : 'ready';
}

/** The account whose turn it is for an agent: the first ready one, and one that is lent to a remote only if there is no other. */
export function nextAccount(book: AccountBook, now: AccountNow): string | null {
  const ready = book.order.filter((account) => accountStateOf(book, account, now) === 'ready');
  return ready.find((account) => !isLent(book, account)) ?? ready[0] ?? null;
}

export function isLent(book: AccountBook, account: string): boolean {
  return Object.values(book.lent).some((lent) => lent.account === account);
}

/** The book after the configuration was read: a new order there is the order; accounts that are gone are forgotten. */
export function configureAccounts(book: AccountBook, keys: readonly string[]): AccountBook {
  if (book.configured.length === keys.length && book.configured.every((key, at) => key === keys[at])) return book;
  const accounts = Object.fromEntries(Object.entries(book.accounts).filter(([key]) => keys.includes(key)));
  const lent = Object.fromEntries(Object.entries(book.lent).filter(([, lent]) => keys.includes(lent.account)));
  return { ...book, configured: [...keys], order: [...keys], accounts, lent };
}

/**
 * Gives an agent an account if it has none that is logged in. One that is used up stays until this session meets the limit; one that is lent to a remote
 * stays while the agent works (`isBusy`), or if no other is ready. An agent that was held goes on when its account has another login.
 */
export function seatAgent(book: AccountBook, name: string, now: AccountNow, isBusy: boolean): AccountBook {
  const old = seatOf(book, name);
  const next = nextAccount(book, now);
  const usable = old.account !== null && book.order.includes(old.account) && now.logins.has(old.account) ? old.account : null;
  if (usable !== null && old.held !== null && accountStateOf(book, usable, now) !== 'refused') return withSeat(book, name, { ...old, held: null, owesWord: true, round: old.round + 1 });
  const mustMove = usable === null || (!isBusy && old.held === null && old.pending === null && isLent(book, usable) && next !== null && !isLent(book, next));
  const account = mustMove ? (next ?? book.order.find((key) => now.logins.has(key)) ?? null) : usable;
  return account === old.account ? book : withSeat(book, name, { ...freshSeat, account, round: old.round + 1 });
}

export function withSeat(book: AccountBook, name: string, next: Seat): AccountBook {
  return { ...book, seats: { ...book.seats, [name]: next } };
}

export function withRecord(book: AccountBook, account: string, change: Partial<AccountRecord>): AccountBook {
  return { ...book, accounts: { ...book.accounts, [account]: { ...recordOf(book, account), ...change } } };
}

/** Forgets the seats of sessions that are gone for good. */
export function keepSeats(book: AccountBook, keys: ReadonlySet<string>): AccountBook {
  const seats = Object.entries(book.seats).filter(([name]) => keys.has(name.slice(name.indexOf(' ') + 1)));
  return seats.length === Object.keys(book.seats).length ? book : { ...book, seats: Object.fromEntries(seats) };
}
