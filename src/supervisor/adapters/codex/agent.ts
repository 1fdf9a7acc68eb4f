import { z } from 'zod';
import { delay } from '../../base/clock.ts';
import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import { CockpitError, HumanError, messageOf } from '../../base/errors.ts';
import { Emitter, type Event } from '../../base/event.ts';
import type { AgentStatus } from '../../domain/agent.ts';
import { endAppServer, joinOrStart, type AppServerContext } from './agentProcess.ts';
import type { AgentSpec } from './agentSpec.ts';
import { changed, reduceStatus, stateOf } from './agentStatus.ts';
import type { AppServerClient } from './appServerClient.ts';
import { enteredThread, threadIdOf, type AppServerEvent } from './appServerEvents.ts';
import { supportsAppServer } from './codexBinary.ts';
import { tuiLaunchOf, type Launch } from './launch.ts';
import { adoptThread, openThread, queueMessage, runningTurn, type OpenedThread } from './threads.ts';

export type { AgentSpec } from './agentSpec.ts';

const firstBackoffMs = 200;
const lastBackoffMs = 10_000;
/** A Codex that lived this long did not fail at its start: the next restart is quick again. */
const healthyAfterMs = 10_000;

/** One agent: its app-server, its thread, and what both say. The app-server lives on when the Agent is disposed, and the next Agent of the same spec joins it. */
export class Agent implements Disposable {
  readonly #context: AppServerContext;
  readonly #changes = new Emitter<AgentStatus>();
  readonly #events = new Emitter<AppServerEvent>();
  readonly #returns = new Emitter<{ awayMs: number }>();
  #spec: AgentSpec;
  #status: AgentStatus;
  /** Ends the loop that keeps the app-server there; null while nobody wants it. */
  #life: AbortController | null = null;
  #loop: Promise<void> = Promise.resolve();
  #client: AppServerClient | null = null;
  #turnId: string | null = null;
  /** When the connection was lost; null before the first one. */
  #lostAtMs: number | null = null;
  /** A wanted end of the app-server under way: the loop waits for it and then starts without backoff. */
  #restarting: Promise<void> | null = null;
  #ready: PromiseWithResolvers<void> = Promise.withResolvers();

  /** Every change of the status; a new thread id is told once the thread is on disk. */
  readonly onDidChange: Event<AgentStatus> = this.#changes.event;
  /** Codex's own events of this thread and of its account (limits, errors with their codes). */
  readonly onDidReceive: Event<AppServerEvent> = this.#events.event;

  /** The app-server of a recorded thread was started anew, and its TUI was cut off for so long (Infinity: nobody saw since when). */
  readonly onDidReturn: Event<{ awayMs: number }> = this.#returns.event;

  constructor(spec: AgentSpec, context: AppServerContext) {
    this.#spec = spec;
    this.#context = { ...context, logger: context.logger.child(`agent ${spec.key}`) };
    this.#status = { state: 'not-started', threadId: spec.threadId, model: spec.model, tokens: 0, error: null };
  }

  get status(): AgentStatus {
    return this.#status;
  }

  /** How to start the TUI of the pane; null until there is a thread to show. */
  get tuiLaunch(): Launch | null {
    const { threadId } = this.#status;
    return threadId === null || this.#client === null ? null : tuiLaunchOf(this.#context.binary, this.#spec, threadId, this.#context.env);
  }

  /**
   * Joins or starts the app-server and its thread. Resolves once the agent is there; rejects with the first failure, but keeps trying
   * (the status says why) unless it is a HumanError. `signal` lets go like `dispose`.
   */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#life !== null) throw new CockpitError('agent-started', `the agent ${this.#spec.key} was already started`);
    const { binary } = this.#context;
    if (!supportsAppServer(binary.version)) {
      throw new HumanError('codex-old', `Codex ${binary.version} at ${binary.path} is too old for cockpit's agents. Update it with "npm install -g @openai/codex@latest".`);
    }
    const life = new AbortController();
    this.#life = life;
    signal.addEventListener('abort', () => { life.abort(signal.reason); }, { once: true, signal: life.signal });
    this.#renewReady();
    this.#loop = this.#keepRunning(life.signal);
    await this.#ready.promise;
  }

  /** Gives the agent a message: at once when idle, as a turn of its own after the running one. It survives a crash of Codex. */
  async nudge(text: string): Promise<void> {
    const { client, threadId } = this.#connection();
await queueMessage(client, threadId, text, () => this.#status.state === 'working' || this.#status.state === 'needs-input');
  }

  /** Ends the running turn; does nothing when none runs. */
  async interrupt(): Promise<void> {
    const { client, threadId } = this.#connection();
    const turnId = this.#turnId ?? (await runningTurn(client, threadId));
    if (turnId !== null) await client.call('turn/interrupt', { threadId, turnId }, z.unknown());
  }

  /** Ends the app-server and comes back with the same thread, with another `auth.json` if one is given; the TUI reattaches by itself. */
  async restartAppServer(change: { authFile?: string | null; authRound?: number } = {}): Promise<void> {
    if (this.#life === null) throw new CockpitError('agent-stopped', `the agent ${this.#spec.key} does not run`);
    this.#spec = { ...this.#spec, ...change };
    this.#renewReady();
    const ending = endAppServer(this.#spec, 'restart');
    this.#restarting = ending;
    this.#set({ state: 'starting', error: null });
    await ending;
    await this.#ready.promise;
  }

  /** Ends the app-server (within 3 s, then by force). The thread stays on disk. */
  async stop(): Promise<void> {
    await this.#letGo();
    await endAppServer(this.#spec, 'stop');
    this.#set({ state: 'stopped', error: null });
  }

  /** Lets go of the app-server, which lives on with its thread, turn and TUI. */
  dispose(): void {
    this.#changes.dispose();
    this.#events.dispose();
    this.#returns.dispose();
    void this.#letGo();
  }

  async #letGo(): Promise<void> {
    this.#life?.abort(new CockpitError('agent-stopped', 'the agent is let go'));
    this.#life = null;
    await this.#loop;
  }

  async #keepRunning(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      await Promise.allSettled([this.#restarting]); // its failure is told by restartAppServer
      this.#restarting = null;
      const startedMs = performance.now();
      const error = await this.#runOnce(signal).catch((reason: unknown) => reason);
      failures = performance.now() - startedMs > healthyAfterMs ? 1 : failures + 1;
      await this.#backOff(error, failures, signal);
    }
    this.#ready.reject(signal.reason);
  }

  async #backOff(error: unknown, failures: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.#restarting !== null) return;
    const backoffMs = Math.min(firstBackoffMs * 2 ** (failures - 1), lastBackoffMs);
    this.#context.logger.warn('agent is restarted', { error: messageOf(error), backoffMs });
    this.#set({ state: 'error', error: `${messageOf(error)}; trying again in ${backoffMs / 1000} s` });
    this.#ready.reject(error);
    await Promise.allSettled([delay(backoffMs, signal)]); // the loop looks at the signal itself
  }

  /** Brings the agent up, then stays until the connection is lost; always rejects with the reason why it is over. */
  async #runOnce(signal: AbortSignal): Promise<never> {
    if (this.#status.state !== 'error') this.#set({ state: 'starting' });
    const store = new DisposableStore();
    try {
      const { client, record, joined } = await joinOrStart(this.#spec, this.#context, signal);
      store.add(client);
      const lost = lossOf(client, signal, store);
      let early: AppServerEvent[] | null = [];
      store.add(client.onDidReceive((event) => (early === null ? this.#receive(client, event, signal) : early.push(event))));
      const opened = await Promise.race([openThread(client, this.#spec, this.#status.threadId, { joined, signal }), lost]);
      this.#client = client;
      store.add({ dispose: () => { this.#client = null; this.#lostAtMs = performance.now(); } });
      const known = this.#status.threadId;
      this.#context.logger.info(joined ? 'app-server joined' : 'agent ready', { pid: record.pid, threadId: opened.thread.id });
      if (!joined && known !== null) this.#returns.fire({ awayMs: this.#lostAtMs === null ? Infinity : performance.now() - this.#lostAtMs });
      this.#show(opened);
      for (const event of early.splice(0)) if (threadIdOf(event) === opened.thread.id) this.#receive(client, event, signal);
      early = null;
      this.#ready.resolve();
      return await lost;
    } finally {
      store.dispose();
    }
  }

  #receive(client: AppServerClient, event: AppServerEvent, signal: AbortSignal): void {
    const threadId = threadIdOf(event);
    if (threadId !== null && threadId !== this.#status.threadId) {
      const entered = enteredThread(event);
      if (entered !== null) void this.#adopt(client, entered, signal);
      return;
    }
    if (event.method === 'turn/started') this.#turnId = event.params.turn.id;
    if (event.method === 'turn/completed') this.#turnId = null;
    this.#apply(reduceStatus(this.#status, event));
    this.#events.fire(event);
  }

  async #adopt(client: AppServerClient, threadId: string, signal: AbortSignal): Promise<void> {
    try {
      const opened = await adoptThread(client, this.#spec, threadId, signal);
      if (opened === null) return;
      this.#context.logger.info('the thread of the TUI is adopted', { threadId });
      this.#show(opened);
    } catch (error) {
      if (signal.aborted) return;
      this.#context.logger.warn('the thread of the TUI could not be adopted', { threadId, error: messageOf(error) });
      this.#set({ error: `the thread ${threadId} could not be taken over: ${messageOf(error)}` });
    }
  }

  #show(opened: OpenedThread): void {
    const { thread, model, replaced } = opened;
    const tokens = thread.id === this.#status.threadId ? this.#status.tokens : 0;
    this.#turnId = null;
    if (replaced !== null) this.#context.logger.warn(replaced);
    this.#apply(changed(this.#status, { state: stateOf(thread.status), threadId: thread.id, model, tokens, error: replaced }));
  }

  #connection(): { client: AppServerClient; threadId: string } {
    const { threadId } = this.#status;
    if (this.#client === null || threadId === null) throw new CockpitError('agent-away', `the agent ${this.#spec.key} is not there (${this.#status.state})`);
    return { client: this.#client, threadId };
  }

  #renewReady(): void {
    this.#ready = Promise.withResolvers();
    // Who waits gets the rejection; when nobody does any more, it is in the status.
    void Promise.allSettled([this.#ready.promise]);
  }

  #set(fields: Partial<AgentStatus>): void {
    this.#apply(changed(this.#status, fields));
  }

  #apply(next: AgentStatus): void {
    if (next === this.#status) return;
    this.#status = next;
    this.#changes.fire(next);
  }
}

/** Rejects when the connection is lost or the signal says to let go. */
function lossOf(client: AppServerClient, signal: AbortSignal, store: DisposableStore): Promise<never> {
  const lost = Promise.withResolvers<never>();
  void Promise.allSettled([lost.promise]); // it may be lost before anybody awaits it
  const onAbort = () => { lost.reject(signal.reason); };
  signal.addEventListener('abort', onAbort, { once: true });
  store.add({ dispose: () => { signal.removeEventListener('abort', onAbort); } });
  store.add(client.onDidClose(({ reason }) => { lost.reject(new CockpitError('codex-closed', `Codex ended unexpectedly: ${reason}`)); }));
  return lost.promise;
}
