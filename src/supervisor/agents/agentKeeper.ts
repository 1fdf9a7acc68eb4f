import { Agent } from '../adapters/codex/agent.ts';
import type { Store } from '../adapters/store/store.ts';
import type { Clock } from '../base/clock.ts';
import { coalesce } from '../base/coalesce.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Config } from '../domain/config.ts';
import type { Fact } from '../domain/facts.ts';
import { allSessions } from '../domain/fleet.ts';
import type { Paths } from '../protocol/paths.ts';
import type { Supervisor } from '../supervisor.ts';
import type { AccountKeeper } from '../accounts/accountKeeper.ts';
import { AgentSet, type AgentLogin } from './agentSet.ts';
import { findCodex, operatorAuthFile, type CodexSetup } from './codexSetup.ts';
import { Leftovers } from './leftovers.ts';
import { syncPairings } from './pairings.ts';
import { wantedAgents } from './wantedAgents.ts';

/** What the keeper works with. */
export type AgentKeeperDeps = { supervisor: Supervisor; store: Store; paths: Paths; clock: Clock; logger: Logger; env: NodeJS.ProcessEnv; config(): Config; mcpUrl(): string; accounts: AccountKeeper };

/** Facts after which pairings or agents may differ. */
const relevant: readonly Fact['kind'][] = ['configured', 'host-link', 'host-sessions', 'ownership'];

/** Keeps pairings and agents in step with the fleet. */
export class AgentKeeper implements Disposable {
  readonly agents: AgentSet;
  readonly #deps: AgentKeeperDeps;
  readonly #store = new DisposableStore();
  readonly #sync: () => void;
  readonly #leftovers: Leftovers;
  #codex: { path: string; setup: CodexSetup } | null = null;

  constructor(deps: AgentKeeperDeps) {
    this.#deps = deps;
    const { supervisor, store, logger } = deps;
    this.agents = this.#store.add(
      new AgentSet({
        logger,
        threadOf: (key) => store.pairings.get(key)?.threadId ?? null,
        recordThread: (key, threadId) => {
          store.pairings.setThread(key, threadId);
        },
        observe: (key, status) => {
          supervisor.observe({ kind: 'agent', key, status });
        },
        createAgent: (spec) => new Agent(spec, this.#codexContext()),
      }),
    );
    deps.accounts.attach(this.agents);
    this.#leftovers = new Leftovers(store.pairings, deps.paths, this.agents);
    this.#sync = coalesce(
      () => this.#apply(),
      (error) => {
        logger.error('agents could not be brought in step', { error: messageOf(error) });
      },
    );
    this.#store.add(
      supervisor.onDidChange(({ fact }) => {
        if (relevant.includes(fact.kind)) this.#sync();
      }),
    );
    this.#store.add(deps.accounts.onDidChange(this.#sync));
  }

  /** Looks for Codex again: it may have been installed or updated since. */
  lookAgain(): void {
    this.#codex = null;
    this.#sync();
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #apply(): Promise<void> {
    const { supervisor, store, clock, paths, env } = this.#deps;
    const config = this.#deps.config();
    if (this.#codex?.path !== config.codexPath) {
      this.#codex = { path: config.codexPath, setup: await findCodex(config.codexPath, env, this.#deps.logger) };
    }
    syncPairings(supervisor.fleet, store.pairings, clock);
    await this.#deps.accounts.refresh();
    const { setup } = this.#codex;
    this.agents.useStandIn(setup.ok ? null : setup.standIn);
    if (!setup.ok) {
      this.#tellMissing(setup.why, config.localAgentModel);
      return;
    }
    const loginOf = await this.#logins(config);
    const { fleet } = supervisor;
    const wanted = wantedAgents(fleet, config, store.pairings, paths, this.#deps.mcpUrl(), loginOf, setup.catalog);
    this.agents.apply(wanted, new Set(allSessions(fleet).map(({ session }) => session.key)));
    this.#leftovers.end(fleet, new Set(wanted.map(({ key }) => key)));
  }

  /** With no account configured, agents use the operator's own login (PAIR-8). */
  async #logins(config: Config): Promise<(key: string) => AgentLogin> {
    const { accounts, env } = this.#deps;
    if (config.accounts.length > 0) return (key) => accounts.loginOf(key);
    const authFile = await operatorAuthFile(env);
    return () => ({ authFile });
  }

  #codexContext() {
    if (!this.#codex?.setup.ok) throw new Error('an agent is made before codex was found');
    return this.#codex.setup.context;
  }

  /** Without Codex the cockpit works but for its agents, and every session says so. */
  #tellMissing(why: string, model: string): void {
    for (const { session } of allSessions(this.#deps.supervisor.fleet)) {
      if (session.agent.error === why) continue;
      this.#deps.supervisor.observe({ kind: 'agent', key: session.key, status: { state: 'not-started', threadId: null, model, tokens: 0, error: why } });
    }
  }
}
