import type { AppServerEvent } from '../adapters/codex/appServerEvents.ts';
import type { Store } from '../adapters/store/store.ts';
import type { AgentSet } from '../agents/agentSet.ts';
import type { Clock } from '../base/clock.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { messageOf } from '../base/errors.ts';
import { Emitter } from '../base/event.ts';
import type { Logger } from '../base/logger.ts';
import { accountBook, configureAccounts, emptyBook, isLent, keepSeats, recordOf, seatAgent, seatName, seatOf, withRecord, withSeat, type AccountBook, type AccountNow, type LimitWindow, type Side } from '../domain/account.ts';
import type { Config } from '../domain/config.ts';
import { allSessions } from '../domain/fleet.ts';
import type { Markers } from '../domain/markers.ts';
import { chooseForRemote, chooserFor, installedAtRemote, takenBack, type RemoteChoice, type RemoteWish } from '../domain/remoteAccount.ts';
import { exhaust, judgeFailure, refuseLogin, retryRotation, type TurnFailure } from '../domain/rotation.ts';
import type { Paths } from '../protocol/paths.ts';
import type { AccountView } from '../protocol/statusView.ts';
import type { Supervisor } from '../supervisor.ts';
import { accountOfFile, loginFileOf, readLogins } from './accountLogins.ts';
import { limitsOf, viewsOf } from './accountViews.ts';

/** What the keeper works with. */
export type AccountKeeperDeps = { supervisor: Supervisor; store: Store; paths: Paths; clock: Clock; logger: Logger; config(): Config; markers(): Markers };

const setting = 'accounts';

const sides: readonly Side[] = ['agent', 'remote'];

const readyText = 'An account is ready for the remote Codex of your session: call session_status, and if it still needs one, install_remote_auth.';
const movedText =
  'cockpit moved you to another account, because the one before met its limit or its login was renewed. Your last turn ended early: go on with it. If it was a review of the remote session, begin again with session_status.';

/**
 * Knows which account every agent works with, and moves an agent to the next one when its own is used up (ACCT-1 to ACCT-4, 6, 7). All that it knows is one
 * value in the database, written before anything follows from it: a supervisor that dies in the middle of a move leaves it to the next one.
 */
export class AccountKeeper implements Disposable {
  readonly #deps: AccountKeeperDeps;
  readonly #resources = new DisposableStore();
  readonly #changed = this.#resources.add(new Emitter<null>());
  /** Some agent may have to use another login. */
  readonly onDidChange = this.#changed.event;
  #book: AccountBook;
  #logins: AccountNow['logins'] = new Map();
  #agents: AgentSet | null = null;
  #retry: Disposable | null = null;
  /** One change at a time: each looks at the login files first. */
  #queue: Promise<void> = Promise.resolve();

  constructor(deps: AccountKeeperDeps) {
    this.#deps = deps;
    const keys = new Set(deps.store.pairings.list({ includeArchived: true }).map(({ key }) => key));
    this.#book = keepSeats(deps.store.getSetting(setting, accountBook) ?? emptyBook, keys);
  }

  /** Listens to the agents; they need the keeper to be made. */
  attach(agents: AgentSet): void {
    this.#agents = agents;
    this.#resources.add(agents.onDidReceive(({ key, authFile, event }) => { this.#receive(key, authFile, event); }));
    this.#resources.add(this.#deps.supervisor.onDidChange(({ fact }) => {
      if (fact.kind === 'agent' && fact.status.state === 'idle') this.#becameIdle(fact.key);
      if (fact.kind === 'screen' || fact.kind === 'host-sessions') this.#sawRemote(fact.alias);
    }));
  }

  /** Gives every session an account, with the configuration and the login files as they are now. */
  refresh(): Promise<void> {
    return this.#change((book, now) => this.#seatAll(book, now, null));
  }

  /** The login of a session's agent; null while its account has none. Only where accounts are configured. */
  loginOf(key: string): { authFile: string | null; authRound: number } {
    const { account, round } = seatOf(this.#book, seatName('agent', key));
    return { authFile: account === null ? null : loginFileOf(this.#deps.paths, account), authRound: round };
  }

  /** Decides which login a remote Codex gets. */
  async chooseForRemote(wish: RemoteWish): Promise<RemoteChoice> {
    let choice: RemoteChoice = { kind: 'none' };
    await this.#change((book, now) => {
      const decided = chooseForRemote(book, wish, now);
      choice = decided.choice;
      return decided.book;
    });
    return choice;
  }

  installedAtRemote(wish: RemoteWish, account: string): Promise<void> {
    return this.#change((book, now) => installedAtRemote(book, wish, account, now));
  }

  takenBack(alias: string): Promise<void> {
    return this.#change((book) => takenBack(book, alias));
  }

  views(): AccountView[] {
    return viewsOf(this.#book, this.#deps.config().accounts, this.#now());
  }

  dispose(): void {
    this.#retry?.dispose();
    this.#resources.dispose();
  }

  #receive(key: string, authFile: string | null, event: AppServerEvent): void {
    const account = accountOfFile(authFile, this.#book.order);
    if (account === null) return;
    // A limit of a single model says nothing of the account.
    if (event.method === 'account/rateLimits/updated' && (event.params.rateLimits.limitId ?? 'codex') === 'codex') this.#sawLimits(account, limitsOf(event.params.rateLimits));
    if (event.method === 'turn/completed' && event.params.turn.status === 'failed') {
      const { id, error } = event.params.turn;
      this.#turnFailed(key, account, id, { message: error?.message ?? '', code: error?.codexErrorInfo ?? null });
    }
  }

  /** Codex tells them with every answer of the model; only what differs is worth a write. */
  #sawLimits(account: string, limits: LimitWindow[]): void {
    if (JSON.stringify(recordOf(this.#book, account).limits) !== JSON.stringify(limits)) this.#changeSoon((book) => withRecord(book, account, { limits }));
  }

  #turnFailed(key: string, account: string, turnId: string, failure: TurnFailure): void {
    const verdict = judgeFailure(failure, this.#deps.markers());
    if (verdict === null) return;
    const name = seatName('agent', key);
    this.#deps.logger.warn(verdict === 'exhausted' ? 'an account is used up' : 'the login of an account was refused', { key, account });
    this.#changeSoon((book, now) =>
      verdict === 'exhausted'
        ? exhaust(book, name, { account, signature: turnId, reason: failure.message }, now)
        : refuseLogin(book, name, account, `The login of account ${account} was refused: ${failure.message} Log it in again with \`cockpit login-accounts ${account}\`; cockpit tries nothing with it before.`, now),
    );
  }

  /** An agent that rests can be moved away from an account that is lent, and be told that it was moved. */
  #becameIdle(key: string): void {
    if (isLent(this.#book, seatOf(this.#book, seatName('agent', key)).account ?? '')) this.#changeSoon((book, now) => this.#seatAll(book, now, null));
    if (this.#agents?.isOnLogin(key, this.loginOf(key))) this.#giveWord('agent', key, movedText);
    this.#giveWord('remote', key, readyText);
  }

  #giveWord(side: Side, key: string, text: string): void {
    const name = seatName(side, key);
    const seat = seatOf(this.#book, name);
    if (!seat.owesWord) return;
    this.#keep(withSeat(this.#book, name, { ...seat, owesWord: false }));
    this.#agents?.get(key)?.nudge(text).catch((error: unknown) => {
      // Waking looks after it later.
      this.#deps.logger.warn('an agent was not told of an account', { key, error: messageOf(error) });
    });
  }

  /** A remote screen that says something else than before the last install: what it says from now on is of the new login. */
  #sawRemote(alias: string): void {
    let book = this.#book;
    for (const { ref, session } of allSessions(this.#deps.supervisor.fleet)) {
      const name = seatName('remote', session.key);
      const seat = seatOf(book, name);
      const isBefore = seat.over === null || session.state === 'out-of-tokens' || session.state === 'auth-needed' || session.state === 'offline' || session.state === 'unknown';
      if (ref.alias === alias && !isBefore) book = withSeat(book, name, { ...seat, over: null });
    }
    if (book !== this.#book) this.#keep(book);
  }

  /** `dueBy`: tries whose time (ISO-8601) is not later have come. */
  #seatAll(before: AccountBook, now: AccountNow, dueBy: string | null): AccountBook {
    let book = configureAccounts(before, this.#keys());
    const counts = (name: string) => {
      const { pending } = seatOf(book, name);
      return pending !== null && dueBy !== null && pending.nextTryAt <= dueBy;
    };
    for (const { ref, session } of allSessions(this.#deps.supervisor.fleet)) {
      const name = seatName('agent', session.key);
      const remote = seatName('remote', session.key);
      book = retryRotation(book, name, now, { counts: counts(name) });
      book = retryRotation(book, remote, now, { counts: counts(remote) }, chooserFor(ref.alias));
      book = seatAgent(book, name, now, session.agent.state === 'working' || session.agent.state === 'needs-input');
    }
    return book;
  }

  #changeSoon(change: (book: AccountBook, now: AccountNow) => AccountBook): void {
    this.#change(change).catch((error: unknown) => {
      this.#deps.logger.error('accounts could not be looked at', { error: messageOf(error) });
    });
  }

  #change(change: (book: AccountBook, now: AccountNow) => AccountBook): Promise<void> {
    const run = this.#queue.then(async () => {
      this.#logins = await readLogins(this.#deps.paths, this.#keys());
      this.#keep(change(this.#book, this.#now()));
    });
    this.#queue = run.catch(() => undefined); // whoever asked for it hears of it
    return run;
  }

  /** Stores the book, tells what clients see of it, and asks for what follows. */
  #keep(book: AccountBook): void {
    const before = this.#book;
    this.#book = book;
    if (book !== before) this.#store();
    this.#tell();
    this.#armRetry();
    if (before.seats !== book.seats) this.#changed.fire(null);
  }

  #store(): void {
    try {
      this.#deps.store.setSetting(setting, this.#book);
    } catch (error) {
      // With a full disk rotation goes on; only a restart would begin at the account before.
      this.#deps.logger.error('accounts could not be stored', { error: messageOf(error) });
    }
  }

  #tell(): void {
    for (const { session } of allSessions(this.#deps.supervisor.fleet)) {
      const { account, pending, held } = seatOf(this.#book, seatName('agent', session.key));
      const remote = seatOf(this.#book, seatName('remote', session.key));
      const told = { key: account, remote: remote.account, pending: pending ?? remote.pending, waits: pending !== null, held };
      const seen = session.account;
      if (seen.key === told.key && seen.remote === told.remote && seen.pending === told.pending && seen.held === told.held) continue;
      this.#deps.supervisor.observe({ kind: 'account', key: session.key, account: told });
    }
  }

  /** One timer for the try that comes first. */
  #armRetry(): void {
    this.#retry?.dispose();
    this.#retry = null;
    const times = allSessions(this.#deps.supervisor.fleet).flatMap(({ session }) => sides.flatMap((side) => seatOf(this.#book, seatName(side, session.key)).pending?.nextTryAt ?? []));
    const first = times.sort()[0];
    if (first === undefined) return;
    this.#retry = this.#deps.clock.after(Math.max(0, Date.parse(first) - this.#now().nowMs), () => {
      this.#changeSoon((book, now) => this.#seatAll(book, now, first));
    });
  }

  #keys(): string[] {
    return this.#deps.config().accounts.map(({ key }) => key);
  }

  #now(): AccountNow {
    return { nowMs: Date.parse(this.#deps.clock.isoNow()), logins: this.#logins };
  }
}
