import type { Agent, AgentSpec } from '../adapters/codex/agent.ts';
import type { AppServerEvent } from '../adapters/codex/appServerEvents.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import { HumanError, messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { AgentStatus } from '../domain/agent.ts';

/** What one agent needs; compared to see whether it has to be started anew, or to change its login only. */
export type WantedAgent = Omit<AgentSpec, 'threadId'>;
/** The login of an agent: a changed one restarts its app-server, and the TUI stays. */
export type AgentLogin = Pick<WantedAgent, 'authFile' | 'authRound'>;
/** An event of an agent's Codex, and the login that it ran on. */
export type AgentEvent = { key: string; authFile: string | null; event: AppServerEvent };

/** What the set works with. */
export type AgentSetDeps = {
  logger: Logger;
  /** The recorded thread of a key, or null. */
  threadOf(key: string): string | null;
  /** Called before the status is told, so that a thread id is on disk before anything depends on it. */
  recordThread(key: string, threadId: string): void;
  observe(key: string, status: AgentStatus): void;
  createAgent(spec: AgentSpec): Agent;
};

/** At most this many agents start at the same time: each start costs half a second of both cores. */
const maxStarting = 3;

/** `awayMs`: how long its TUI was cut off; Infinity if nobody of this process saw that. */
export type AgentReturn = { key: string; awayMs: number };

type Entry = {
  agent: Agent;
  /** All but the login. */
  spec: string;
  wanted: AgentLogin;
  /** What its app-server runs on. */
  login: AgentLogin;
  /** Changes of the login follow each other, and the start. */
  relinked: Promise<void>;
  listeners: DisposableStore;
};

/** Keeps one running agent per wanted key: starts missing ones, stops those that are no longer wanted. Agents outlive the supervisor unless they are stopped. */
export class AgentSet implements Disposable {
  readonly #deps: AgentSetDeps;
  readonly #entries = new Map<string, Entry>();
  readonly #waiting: (() => Promise<void>)[] = [];
  /** Stops under way by key: the next agent on the same socket waits for them. */
  readonly #stopping = new Map<string, Promise<void>>();
  #starting = 0;
  readonly #aborter = new AbortController();
  #decided: ReadonlySet<string> = new Set();
  #standIn: string | null = null;
  readonly #changed = new Emitter<string>();
  /** The launch of an agent's TUI may have changed (a new thread, there again), or which agents run. */
  readonly onDidChange = this.#changed.event;
  readonly #returned = new Emitter<AgentReturn>();
  /** The app-server of a known thread was started anew. */
  readonly onDidReturn = this.#returned.event;
  readonly #received = new Emitter<AgentEvent>();
  /** Codex's own events of the agents' threads and accounts. */
  readonly onDidReceive = this.#received.event;

  constructor(deps: AgentSetDeps) {
    this.#deps = deps;
  }

  get(key: string): Agent | undefined {
    return this.#entries.get(key)?.agent;
  }

  /** Whether an agent's app-server runs on this login by now. */
  isOnLogin(key: string, login: AgentLogin): boolean {
    const entry = this.#entries.get(key);
    return entry !== undefined && sameLogin(entry.login, login);
  }

  /** Program that stands in the panes of all sessions while there is no Codex; null for none. */
  get standIn(): string | null {
    return this.#standIn;
  }

  useStandIn(path: string | null): void {
    if (path !== null || this.#standIn !== null) {
      this.#standIn = path;
      this.#changed.fire('');
    }
  }

  /** Whether it is known if this session gets an agent: before that, what an earlier supervisor left for it stays. */
  isDecided(key: string): boolean {
    return this.#decided.has(key);
  }

  /** Makes the running agents match; archived ones are stopped, their threads stay on disk. `decided` are all sessions that were looked at. Does nothing after `stopAll`. */
  apply(wanted: WantedAgent[], decided: ReadonlySet<string>): void {
    if (this.#aborter.signal.aborted) return;
    this.#decided = decided;
    const byKey = new Map(wanted.map((spec) => [spec.key, spec]));
    for (const [key, entry] of this.#entries) {
      const spec = byKey.get(key);
      if (spec && withoutLogin(spec) === entry.spec) {
        this.#relink(key, entry, loginOf(spec));
        continue;
      }
      this.#entries.delete(key);
      entry.listeners.dispose();
      this.#stopping.set(key, this.#stop(key, entry.agent, spec === undefined));
      if (!spec) this.#deps.observe(key, { ...entry.agent.status, state: 'not-started', error: null });
    }
    for (const spec of wanted) if (!this.#entries.has(spec.key)) this.#add(spec);
    this.#changed.fire('');
  }

  /** Ends what an earlier supervisor left running under a key that has no agent; the next agent of that key waits for it. */
  endLeftover(key: string, end: () => Promise<void>): void {
    if (this.#entries.has(key) || this.#aborter.signal.aborted) return;
    const ending = end().catch((error: unknown) => {
      this.#deps.logger.error('the app-server of a session that is gone did not end', { key, error: messageOf(error) });
    });
    this.#stopping.set(key, Promise.all([this.#stopping.get(key), ending]).then(() => undefined));
  }

  /** Ends every agent's processes (for `down`). */
  async stopAll(): Promise<void> {
    this.#aborter.abort(new HumanError('down', 'cockpit is going down'));
    await Promise.all([...this.#stopping.values(), ...[...this.#entries].map(([key, entry]) => this.#stop(key, entry.agent, true))]);
    this.#entries.clear();
  }

  dispose(): void {
    this.#aborter.abort(new HumanError('stopped', 'the supervisor ends'));
    for (const entry of this.#entries.values()) {
      entry.listeners.dispose();
      entry.agent.dispose();
    }
    this.#entries.clear();
  }

  #add(wanted: WantedAgent): void {
    const agent = this.#deps.createAgent({ ...wanted, threadId: this.#deps.threadOf(wanted.key) });
    const listeners = new DisposableStore();
    let threadId: string | null = null;
    let canLaunch = false;
    listeners.add(
      agent.onDidChange((status) => {
        const isNew = status.threadId !== threadId;
        const mayLaunch = agent.tuiLaunch !== null;
        const isOther = isNew || mayLaunch !== canLaunch;
        threadId = status.threadId;
        canLaunch = mayLaunch;
        if (isNew && threadId !== null) this.#deps.recordThread(wanted.key, threadId);
        this.#deps.observe(wanted.key, status);
        if (isOther) this.#changed.fire(wanted.key);
      }),
    );
    listeners.add(
      agent.onDidReturn(({ awayMs }) => {
        this.#returned.fire({ key: wanted.key, awayMs });
      }),
    );
    const login = loginOf(wanted);
    const entry: Entry = { agent, spec: withoutLogin(wanted), wanted: login, login, relinked: Promise.resolve(), listeners };
    listeners.add(
      agent.onDidReceive((event) => {
        this.#received.fire({ key: wanted.key, authFile: entry.login.authFile, event });
      }),
    );
    this.#entries.set(wanted.key, entry);
    const started = Promise.withResolvers<undefined>();
    entry.relinked = started.promise;
    this.#waiting.push(async () => {
      await this.#stopping.get(wanted.key);
      if (this.#entries.get(wanted.key)?.agent !== agent) return;
      await agent.start(this.#aborter.signal).finally(() => { started.resolve(undefined); });
    });
    this.#startNext();
  }

  /** Restarts the app-server on another login, with its thread (ACCT-2). */
  #relink(key: string, entry: Entry, login: AgentLogin): void {
    if (sameLogin(entry.wanted, login)) return;
    entry.wanted = login;
    entry.relinked = entry.relinked.then(async () => {
      if (this.#entries.get(key) !== entry || entry.wanted !== login) return;
      entry.login = login;
      this.#deps.logger.info('agent changes its login', { key });
      await entry.agent.restartAppServer(login);
    }).catch((error: unknown) => {
      // The agent keeps trying by itself and shows the error in its status.
      this.#deps.logger.warn('an agent did not come back at once with its other login', { key, error: messageOf(error) });
    });
  }

  #startNext(): void {
    while (this.#starting < maxStarting) {
      const start = this.#waiting.shift();
      if (!start) return;
      this.#starting++;
      start()
        .catch((error: unknown) => {
          // The agent keeps trying by itself and shows the error in its status.
          this.#deps.logger.warn('agent start failed', { error: messageOf(error) });
        })
        .finally(() => {
          this.#starting--;
          this.#startNext();
        });
    }
  }

  async #stop(key: string, agent: Agent, isArchived: boolean): Promise<void> {
    try {
      await agent.stop();
    } catch (error) {
      this.#deps.logger.error('agent did not stop', { key, error: messageOf(error) });
    }
    agent.dispose();
    if (isArchived) this.#changed.fire(key);
  }
}

function withoutLogin({ authFile: _file, authRound: _round, ...spec }: WantedAgent): string {
  return JSON.stringify(spec);
}

const loginOf = ({ authFile, authRound = 0 }: WantedAgent): AgentLogin => ({ authFile, authRound });

function sameLogin(a: AgentLogin, b: AgentLogin): boolean {
  return a.authFile === b.authFile && (a.authRound ?? 0) === (b.authRound ?? 0);
}
