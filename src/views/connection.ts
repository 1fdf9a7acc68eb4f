import { codeOf, HumanError, messageOf } from '../supervisor/base/errors.ts';
import { delay } from '../supervisor/base/clock.ts';
import { DisposableStore, type Disposable } from '../supervisor/base/disposable.ts';
import { Emitter } from '../supervisor/base/event.ts';
import type { Logger } from '../supervisor/base/logger.ts';
import { api, type Api } from '../supervisor/protocol/api.ts';
import { connect, type Client } from '../supervisor/protocol/client.ts';
import type { ParamsOf, ResultOf } from '../supervisor/protocol/methodTable.ts';
import type { Paths } from '../supervisor/protocol/paths.ts';
import type { StatusView } from '../supervisor/protocol/statusView.ts';

/** Starts a supervisor in this process, or tells that another one owns the data directory. Throws HumanError `no-config`, `config-wrong` or `down`. */
export type OwnSupervisor = (asked: boolean) => Promise<{ stop(): void; readonly ended: Promise<unknown> } | null>;

/** What the window knows: where it is with its supervisor, and what that one last said. */
export type Phase = { kind: 'starting' } | { kind: 'waiting' } | { kind: 'running'; status: StatusView } | { kind: 'noConfig' } | { kind: 'down' } | { kind: 'failed'; why: string };

const retryMs = 100;

/** Keeps a window connected to the supervisor of its data directory: owns it when nobody does, joins it otherwise, and goes on with another one when it ends. */
export class Connection implements Disposable {
  readonly #paths: Paths;
  readonly #own: OwnSupervisor;
  readonly #logger: Logger;
  readonly #resources = new DisposableStore();
  readonly #changed = new Emitter<Phase>();
  #phase: Phase = { kind: 'starting' };
  #client: Client<Api> | null = null;
  #owned: { stop(): void; readonly ended: Promise<unknown> } | null = null;
  #isDisposed = false;
  /** When connecting began. */
  #sinceMs = performance.now();
  #running: Promise<void> | null = null;

  readonly onDidChange = this.#changed.event;

  constructor(options: { paths: Paths; own: OwnSupervisor; logger: Logger }) {
    this.#paths = options.paths;
    this.#own = options.own;
    this.#logger = options.logger;
  }

  get phase(): Phase {
    return this.#phase;
  }

  /** The last status, or null while there is no supervisor. */
  get status(): StatusView | null {
    return this.#phase.kind === 'running' ? this.#phase.status : null;
  }

  /** Whether the supervisor runs in this window. */
  get isOwner(): boolean {
    return this.#owned !== null;
  }

  /** Starts nothing until `start` is called. */
  wait(): void {
    this.#set({ kind: 'waiting' });
  }

  /** Starts connecting; `asked` also after `down`, because a person wants it now. Returns at once. */
  start(asked: boolean): void {
    this.#running ??= this.#run(asked)
      .catch((error: unknown) => {
        this.#logger.error('the connection to the supervisor failed', { error: messageOf(error) });
        this.#set({ kind: 'failed', why: messageOf(error) });
      })
      .finally(() => {
        this.#running = null;
      });
  }

  /** Resolves when it is known whether there is a supervisor. */
  async settled(): Promise<void> {
    if (this.#phase.kind !== 'starting') return;
    await new Promise<void>((resolve) => {
      const subscription = this.onDidChange(({ kind }) => {
        if (kind === 'starting') return;
        subscription.dispose();
        resolve();
      });
    });
  }

  /** Asks the supervisor. HumanError when there is none. */
  async request<K extends keyof Api>(method: K, params: ParamsOf<Api, K>): Promise<ResultOf<Api, K>> {
    if (!this.#client) throw new HumanError('no-supervisor', 'No supervisor runs. Run the command "Cockpit: Start".', { exitCode: 3 });
    return await this.#client.request(method, params);
  }

  /** Lets go; a supervisor that is owned ends, and a standby or another window goes on. Resolves when the data directory is free. */
  async close(): Promise<void> {
    this.dispose();
    this.#owned?.stop();
    await this.#owned?.ended;
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#resources.dispose();
    this.#client?.dispose();
  }

  /** One round after another: own or join, listen until it ends. A method, because disposal happens while it waits. */
  #isOver(): boolean {
    return this.#isDisposed;
  }

  async #run(asked: boolean): Promise<void> {
    let wanted = asked;
    this.#sinceMs = performance.now();
    this.#set({ kind: 'starting' });
    while (!this.#isOver()) {
      const stopped = await this.#round(wanted);
      if (stopped) return;
      wanted = false;
      await delay(retryMs);
    }
  }

  /** True when nobody should try again by itself. */
  async #round(asked: boolean): Promise<boolean> {
    try {
      await this.#relieveStandby();
      this.#owned = await this.#own(asked);
    } catch (error) {
      return this.#stopFor(error);
    }
    try {
      await this.#listen();
    } catch (error) {
      // The owner has just ended, or has the lock and does not listen yet.
      this.#logger.debug('the supervisor is not there yet', { error: messageOf(error) });
    }
    await this.#owned?.ended;
    this.#owned = null;
    return false;
  }

  #stopFor(error: unknown): boolean {
    const code = codeOf(error);
    if (code === 'no-config') this.#set({ kind: 'noConfig' });
    else if (code === 'down') this.#set({ kind: 'down' });
    else this.#set({ kind: 'failed', why: messageOf(error) });
    return true;
  }

  /** A standby gives way, so that the supervisor is where the person is. */
  async #relieveStandby(): Promise<void> {
    const client = await this.#tryConnect();
    if (!client) return;
    try {
      if (client.supervisor.owner === 'standby') await client.request('giveWay', {});
    } finally {
      client.dispose();
    }
  }

  async #tryConnect(): Promise<Client<Api> | null> {
    try {
      return await connect(this.#paths, api, 'vscode');
    } catch (error) {
      if (error instanceof HumanError && error.exitCode === 3) return null;
      throw error;
    }
  }

  async #listen(): Promise<void> {
    const client = await connect(this.#paths, api, 'vscode');
    // A standby took over while this window found the data directory owned (a window that was loaded again ends late): it gives way, and the next round owns.
    if (client.supervisor.owner === 'standby') {
      await client.request('giveWay', {}).finally(() => { client.dispose(); });
      return;
    }
    this.#client = client;
    const gone = new Promise<void>((resolve) => {
      client.onDidClose(() => {
        resolve();
      });
    });
    let seen = 0;
    const tell = (seq: number, status: StatusView) => {
      if (seq <= seen && seen !== 0) return;
      seen = seq;
      this.#set({ kind: 'running', status });
    };
    client.onNotification('fleet/changed', ({ seq, status }) => {
      tell(seq, status);
    });
    const first = await client.request('fleet/subscribe', {});
    tell(first.seq, first.status);
    this.#logger.info('connected', { afterMs: Math.round(performance.now() - this.#sinceMs), owner: this.isOwner });
    await gone;
    this.#client = null;
    this.#sinceMs = performance.now();
    if (!this.#isOver()) this.#set({ kind: 'starting' });
  }

  #set(phase: Phase): void {
    this.#phase = phase;
    this.#changed.fire(phase);
  }
}
