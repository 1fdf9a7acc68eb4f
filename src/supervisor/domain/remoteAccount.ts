import { accountStateOf, seatName, seatOf, withSeat, type AccountBook, type AccountNow } from './account.ts';
import { exhaust, retryRotation, type Choose } from './rotation.ts';

/** Why a remote Codex gets a login: its account is used up, it lost its login, or nothing on its screen says why. `signature` is what the screen says. */
export type RemoteNeed = { kind: 'exhausted' | 'login'; signature: string } | { kind: 'unseen' };

/** One remote Codex that wants a login. */
export type RemoteWish = { alias: string; key: string; need: RemoteNeed };

/** What to do for it: install the login of an account, only start Codex again because the right login is there, leave it because what was installed is refused, or wait. */
export type RemoteChoice = { kind: 'install' | 'relaunch' | 'refused'; account: string } | { kind: 'none' };

/** Decides about a wish, and what is known afterwards. The login of a host is shared by its sessions: one that another session moved on is taken as it is. */
export function chooseForRemote(before: AccountBook, { alias, key, need }: RemoteWish, now: AccountNow): { book: AccountBook; choice: RemoteChoice } {
  const name = seatName('remote', key);
  const old = seatOf(before, name);
  const there = before.lent[alias];
  // The screen is still the one from before the last install.
  if (need.kind !== 'unseen' && old.over !== null && old.account !== null) return { book: before, choice: { kind: 'relaunch', account: old.account } };
  const isSame = there !== undefined && there.account === old.account && there.login === now.logins.get(there.account);
  if (need.kind === 'login' && isSame) return { book: before, choice: { kind: 'refused', account: there.account } };
  if (need.kind === 'unseen' && isSame) return { book: before, choice: { kind: 'relaunch', account: there.account } };
  const choose = chooserFor(alias);
  // Of an account that this Codex does not run on, because it was not installed yet or another session moved the host on, the screen says nothing.
  const isUsedUp = need.kind === 'exhausted' && there !== undefined && there.account === old.account;
  const met = isUsedUp ? exhaust(before, name, { account: there.account, signature: need.signature, reason: need.signature }, now, choose) : before;
  const book = retryRotation(met, name, now, { counts: false }, choose);
  if (seatOf(book, name).pending !== null) return { book, choice: { kind: 'none' } };
  const account = choose(book, now);
  if (account === null) return { book, choice: { kind: 'none' } };
  const isThere = there?.account === account && there.login === now.logins.get(account);
  const seated = withSeat(book, name, { ...seatOf(book, name), account, owesWord: false, over: isThere && need.kind !== 'unseen' ? need.signature : null });
  return { book: seated, choice: { kind: isThere ? 'relaunch' : 'install', account } };
}

/** The book after the login of an account was installed at a host for a session. */
export function installedAtRemote(book: AccountBook, { alias, key, need }: RemoteWish, account: string, now: AccountNow): AccountBook {
  const name = seatName('remote', key);
  const seated = withSeat(book, name, { ...seatOf(book, name), account, pending: null, held: null, owesWord: false, over: need.kind === 'unseen' ? null : need.signature });
  return { ...seated, lent: { ...seated.lent, [alias]: { account, login: now.logins.get(account) ?? '' } } };
}

/** The book after the host got its own login back. */
export function takenBack(book: AccountBook, alias: string): AccountBook {
  return { ...book, lent: Object.fromEntries(Object.entries(book.lent).filter(([other]) => other !== alias)) };
}

/** For a remote: what is there already, else one that nobody uses here, else one that no other remote has. */
export function chooserFor(alias: string): Choose {
  return (book, now) => {
    const ready = book.order.filter((account) => accountStateOf(book, account, now) === 'ready');
    const isElsewhere = (account: string) => Object.entries(book.lent).some(([other, lent]) => other !== alias && lent.account === account);
    const isUsedHere = (account: string) => Object.entries(book.seats).some(([name, seat]) => name.startsWith(seatName('agent', '')) && seat.account === account);
    return (
      ready.find((account) => book.lent[alias]?.account === account) ??
      ready.find((account) => !isElsewhere(account) && !isUsedHere(account)) ??
      ready.find((account) => !isElsewhere(account)) ??
      ready[0] ??
      null
    );
  };
}
