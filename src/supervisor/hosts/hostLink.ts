import { randomBytes } from 'node:crypto';
import type { Channel, RunResult, Shell } from '../adapters/shell/shell.ts';
import { listSessions, listSessionsScript, parseListing } from '../adapters/tmux/commands/listSessions.ts';
import { TmuxError, type TmuxCommand } from '../adapters/tmux/command.ts';
import type { TmuxNotification } from '../adapters/tmux/notifications.ts';
import { features } from '../adapters/tmux/tmuxVersion.ts';
import type { Clock } from '../base/clock.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { codeOf, messageOf } from '../base/errors.ts';
import type { Event } from '../base/event.ts';
import type { Logger } from '../base/logger.ts';
import type { HostConfig } from '../domain/config.ts';
import type { HostFact, HostMachine, LinkState } from '../domain/facts.ts';
import type { SessionId } from '../domain/ids.ts';
import { Asker } from './asker.ts';
import { activitySubscription, parseActivity } from './activity.ts';
import { coalesced } from './coalesced.ts';
import { Connection } from './connection.ts';
import { ControlTier, type TierMode } from './controlTier.ts';
import { managedOf, sameListing, sameServer, type ManagedListing } from './listing.ts';
import { machineScript, parseMachine } from './machineFacts.ts';
import { readScreen, type ReadScreen } from './readScreen.ts';
import { Screens, type PaneScreen } from './screens.ts';
import { WatchTier } from './watchTier.ts';

/** What a host link works with. `forceAsking`: as if tmux were too old for push. */
export type HostLinkDeps = {
  shell: Shell;
  clock: Clock;
  logger: Logger;
  installId: string;
  pollIntervalMs: number;
  emit: (fact: HostFact) => void;
  /** Something that changes with what a screen asks a person; null if it asks nothing. */
  asks?: (screen: ReadScreen) => string | null;
  forceAsking?: boolean;
  random?: () => number;
};

/** Marks the control clients of this process. */
const life = randomBytes(6).toString('hex');

const scriptTimeoutMs = 20_000;
/** A script that only talks to tmux is done long before. */
const runTimeoutMs = 15_000;
/** Without push, screens of watched sessions are read this often. */
const askWatchedMs = 500;
/** tmux looks at subscriptions once a second and its times have whole seconds, so what happened later in that second shows at a second look only. */
const secondLookMs = 1_050;
/** A server that is gone is often back at once, and nothing tells of that: it is asked for at these times before the usual ones (DISC-6). */
const afterLossMs = [150, 400, 800, 1_400];
/** Notifications that may change what a listing says. */
const listingNews = new Set<TmuxNotification['kind']>(['sessions-changed', 'session-renamed', 'session-window-changed', 'window-pane-changed', 'window-add', 'window-close']);

/** All that cockpit does at one host: keeps connected, knows its sessions by push or by asking, and reads their screens. The shell stays the caller's. */
export class HostLink implements Disposable {
  readonly host: HostConfig;
  readonly onDidScreenChange: Event<SessionId>;
  readonly onDidSettle: Event<SessionId>;
  readonly #deps: HostLinkDeps;
  readonly #store = new DisposableStore();
  readonly #connection: Connection;
  readonly #asker: Asker;
  readonly #control: ControlTier;
  readonly #watches: WatchTier;
  readonly #screens: Screens;
  readonly #refresh: () => Promise<void>;
  /** What holds while the connection does. */
  #up: DisposableStore | null = null;
  /** Reads what is watched again and again where nothing is pushed; elsewhere not even the timer runs, which would cost more than the host does. */
  #watchTimer: Disposable | null = null;
  #connections = 0;
  #lastHeardMs: number | null = null;
  #told: { link: LinkState; error: string | null } | null = null;
  #listing: ManagedListing | null = null;
  #activity = new Map<SessionId, string>();
  #secondLooks = new Map<SessionId, Disposable>();
  #tmuxVersion: string | null = null;
  #machine: HostMachine | null = null;

  constructor(host: HostConfig, deps: HostLinkDeps) {
    const { shell, clock, logger } = deps;
    this.host = host;
    this.#deps = deps;
    const link = `${deps.installId}.${life}.${randomBytes(4).toString('hex')}`;
    const mark = { mark: () => `${link}.${this.#connections}`, markPrefix: `${deps.installId}.` };
    const shared = { shell, clock, logger, tmuxSocket: host.tmuxSocket, ...mark, onNotification: (news: TmuxNotification) => { this.#notified(news); } };
    this.#refresh = coalesced(() => this.#listNow());
    this.#screens = this.#store.add(new Screens({ alias: host.alias, clock, logger, emit: deps.emit, ...(deps.asks ? { asks: deps.asks } : {}), read: (id, historyLines) => this.request(readScreen(id, historyLines)) }));
    this.onDidScreenChange = this.#screens.onDidChange;
    this.onDidSettle = this.#screens.onDidSettle;
    this.#asker = this.#store.add(new Asker(shell, scriptTimeoutMs));
    this.#control = this.#store.add(new ControlTier({ ...shared, onOpen: () => { this.#refreshSoon(); }, onLost: () => { this.#refreshSoon(); } }));
    this.#watches = this.#store.add(new WatchTier({ ...shared, onActivity: (id, isUrgent) => { this.#screens.touch(id, isUrgent); }, onLost: () => { this.#refreshSoon(); } }));
    this.#connection = this.#store.add(new Connection({
      shell, clock, random: deps.random ?? Math.random,
      up: (signal) => this.#cameUp(signal),
      down: () => { this.#wentDown(); },
      tell: (link, error) => { this.#tell(link, error); },
    }));
  }

  /** Starts to connect, and stays connected until `dispose`. */
  start(): void {
    this.#connection.connectNow();
  }

  /** Tries to connect at once if the link is down (DISC-7). */
  reconnectNow(): void {
    this.#connection.connectNow();
  }

  get isOnline(): boolean {
    return this.#up !== null;
  }

  /** Monotonic ms when the host last answered or told anything; null before the first time. A quiet host's listing is as fresh as that. */
  get lastHeardMs(): number | null {
    return this.#lastHeardMs;
  }

  /** Asks for a listing now; resolves when it was told. Does nothing while the link is down. */
  async refresh(): Promise<void> {
    if (this.isOnline) await this.#refresh();
  }

  /** Runs a tmux command. Rejects with a `TmuxError`, a `ConnectError`, or code `link-lost` if the link went before the answer. */
  async request<T>(command: TmuxCommand<T>): Promise<T> {
    const channel = await this.#control.acquire();
    const answer = await channel.request(command);
    this.#heard();
    return answer;
  }

  /** Runs a script in the host's shell, see `Shell.run`; within 15 s unless `timeoutMs` says another time. */
  async run(script: string, options?: Parameters<Shell['run']>[1]): Promise<RunResult> {
    const result = await this.#deps.shell.run(script, { timeoutMs: runTimeoutMs, ...options });
    this.#heard();
    return result;
  }

  /** Starts a script in the host's shell, see `Shell.open`. */
  open(script: string, signal: AbortSignal): Promise<Channel> {
    return this.#deps.shell.open(script, signal);
  }

  /** Keeps the session's screen up to date by push until the watch is disposed; a session that comes back is watched again. */
  watch(id: SessionId): Disposable {
    const watch = this.#watches.watch(id);
    this.#screens.touch(id);
    return watch;
  }

  /** Tells of every screen again, as if it had just settled. */
  tellScreensAgain(): void {
    this.#screens.tellAgain();
  }

  /** The screen as last read; null before the first read. */
  screen(id: SessionId): PaneScreen | null {
    return this.#screens.get(id);
  }

  /** Reads the screen now, with lines of scrollback above it if asked. Rejects like `request`; `no-session` if it is gone. */
  capture(id: SessionId, historyLines = 0): Promise<PaneScreen> {
    return this.#screens.capture(id, historyLines);
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #cameUp(signal: AbortSignal): Promise<void> {
    const { clock, pollIntervalMs } = this.#deps;
    const listed = await this.#askListing(signal);
    signal.throwIfAborted();
    const up = new DisposableStore();
    this.#up = up;
    this.#connections += 1;
    this.#tell('online', listed instanceof TmuxError ? this.#complaint(listed) : null);
    if (!(listed instanceof TmuxError)) this.#take(listed);
    up.add(clock.every(pollIntervalMs, () => { this.#refreshSoon(); }));
    this.#learnMachine(signal).catch((error: unknown) => {
      this.#deps.logger.debug('the machine was not read', { error: messageOf(error) });
    });
  }

  #wentDown(): void {
    this.#up?.dispose();
    this.#up = null;
    this.#retime();
    this.#listing = null;
    this.#activity.clear();
    for (const look of this.#secondLooks.values()) look.dispose();
    this.#secondLooks.clear();
    this.#control.update({ kind: 'off' }, []);
    this.#watches.update([]);
    this.#asker.dispose();
  }

  #tell(link: LinkState, error: string | null): void {
    if (this.#told?.link === link && this.#told.error === error) return;
    this.#told = { link, error };
    this.#deps.emit({ kind: 'host-link', alias: this.host.alias, link, error });
  }

  #refreshSoon(): void {
    this.refresh().catch((error: unknown) => {
      // A lost link is told by the shell; anything else comes again with the next listing.
      this.#deps.logger.debug('no listing', { error: messageOf(error) });
    });
  }

  async #listNow(): Promise<void> {
    const up = this.#up;
    if (!up) return;
    const listed = await this.#list();
    if (this.#up !== up) return;
    this.#tell('online', listed instanceof TmuxError ? this.#complaint(listed) : null);
    if (!(listed instanceof TmuxError)) this.#take(listed);
  }

  /** Over the open channel, which takes a fraction of a millisecond; else by script. */
  async #list(): Promise<ManagedListing | TmuxError> {
    const channel = this.#canPush() ? (this.#control.channel ?? this.#watches.anyChannel) : null;
    if (!channel) return this.#askListing();
    try {
      const { server, sessions } = await channel.request(listSessions());
      return managedOf(server, sessions);
    } catch (error) {
      if (codeOf(error) !== 'link-lost' && !(error instanceof TmuxError)) throw error;
      return this.#askListing();
    }
  }

  /** tmux's refusal comes as a value: the link is fine. */
  async #askListing(signal?: AbortSignal): Promise<ManagedListing | TmuxError> {
    const stdout = await this.#asker.ask(listSessionsScript(this.host.tmuxSocket), signal);
    try {
      const reply = parseListing(stdout);
      this.#learnVersion(reply.kind === 'no-tmux' ? null : reply.version);
      switch (reply.kind) {
        case 'no-tmux':
          return new TmuxError('no-tmux', 'tmux is not installed');
        case 'no-server':
          return managedOf(null, []);
        case 'sessions':
          return managedOf(reply.listing.server, reply.listing.sessions);
      }
    } catch (error) {
      if (error instanceof TmuxError) return error;
      throw error;
    }
  }

  #complaint(error: TmuxError): string {
    if (error.code === 'no-tmux') return `tmux is not installed on ${this.host.alias}: install tmux 3.2 or newer there`;
    return `tmux on ${this.host.alias} cannot be asked: ${error.message}`;
  }

  #heard(): void {
    this.#lastHeardMs = this.#deps.clock.nowMs();
  }

  #take(listing: ManagedListing): void {
    this.#heard();
    const old = this.#listing;
    this.#listing = listing;
    // Another life of the server: what was known of its screens is of other sessions.
    if (old && !sameServer(old.server, listing.server)) this.#screens.keep([]);
    // First, because who hears of a session may write to it at once.
    this.#retarget();
    if (!sameListing(old, listing)) this.#deps.emit({ kind: 'host-sessions', alias: this.host.alias, ...listing, ...(this.#tmuxVersion === null ? {} : { tmuxVersion: this.#tmuxVersion }) });
    // What was told may have led to the end of this link.
    if (!this.#up) return;
    this.#follow(old, listing);
    if (old && old.sessions.length > 0 && listing.sessions.length === 0) {
      for (const ms of afterLossMs) this.#up.add(this.#deps.clock.after(ms, () => { this.#refreshSoon(); }));
    }
  }

  #follow(old: ManagedListing | null, listing: ManagedListing): void {
    this.#screens.keep(listing.sessions.map((session) => session.id));
    for (const session of listing.sessions) {
      const before = old?.sessions.find((one) => one.id === session.id);
      // A command that changes need not write anything, and nothing else tells of it.
      const moved = before?.paneId !== session.paneId || before.paneDead !== session.paneDead || before.paneCommand !== session.paneCommand;
      if (moved || !this.#canPush()) this.#screens.touch(session.id);
    }
  }

  #retarget(): void {
    const ids = this.#listing?.sessions.map((session) => session.id) ?? [];
    this.#control.update(this.#tierMode(), ids);
    this.#watches.update(this.#up && this.#canPush() ? ids : []);
    this.#retime();
  }

  #retime(): void {
    const isWanted = this.#up !== null && !this.#canPush();
    if (isWanted === (this.#watchTimer !== null)) return;
    this.#watchTimer?.dispose();
    this.#watchTimer = isWanted ? this.#deps.clock.every(askWatchedMs, () => { for (const id of this.#watches.watched) this.#screens.touch(id); }) : null;
  }

  #tierMode(): TierMode {
    if (!this.#up) return { kind: 'off' };
    if (this.#canPush()) return { kind: 'push' };
    return { kind: 'ask', flags: features(this.#tmuxVersion ?? '').controlFlags ? ['ignore-size', 'no-output'] : [] };
  }

  #canPush(): boolean {
    return this.#deps.forceAsking !== true && features(this.#tmuxVersion ?? '').subscriptions;
  }

  #notified(news: TmuxNotification): void {
    this.#heard();
    if (news.kind === 'subscription-changed' && news.name === activitySubscription) this.#activityChanged(news.value);
    else if (listingNews.has(news.kind)) this.#refreshSoon();
  }

  /** Reads what changed now, and once more when its second is over. */
  #activityChanged(value: string): void {
    const seen = parseActivity(value);
    const ids = (this.#listing?.sessions ?? []).map((session) => session.id);
    for (const id of ids) {
      if (seen && seen.get(id) === this.#activity.get(id)) continue;
      if (this.#watches.isPushed(id)) continue;
      this.#screens.touch(id);
      this.#secondLooks.get(id)?.dispose();
      this.#secondLooks.set(id, this.#deps.clock.after(secondLookMs, () => { this.#screens.touch(id); }));
    }
    this.#activity = seen ?? new Map<SessionId, string>();
  }

  #learnVersion(version: string | null): void {
    if (this.#tmuxVersion === version) return;
    this.#tmuxVersion = version;
    this.#tellMachine();
  }

  async #learnMachine(signal: AbortSignal): Promise<void> {
    const { stdout } = await this.#deps.shell.run(machineScript, { timeoutMs: scriptTimeoutMs, signal });
    this.#machine = parseMachine(stdout.toString('utf8'));
    this.#tellMachine();
  }

  #tellMachine(): void {
    if (this.#machine) this.#deps.emit({ kind: 'host-machine', alias: this.host.alias, machine: this.#machine, tmuxVersion: this.#tmuxVersion });
  }
}
