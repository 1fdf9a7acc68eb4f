import { z } from 'zod';
import type { Shell } from '../adapters/shell/shell.ts';
import type { Store } from '../adapters/store/store.ts';
import { AgentServer } from '../adapters/tmux/local/agentServer.ts';
import { endServers } from '../adapters/tmux/local/endServers.ts';
import type { AgentSet } from '../agents/agentSet.ts';
import type { Clock } from '../base/clock.ts';
import { coalesce } from '../base/coalesce.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { allSessions, selectedRef, type Fleet, type Host } from '../domain/fleet.ts';
import { sessionKey } from '../domain/ids.ts';
import type { HostSet } from '../hosts/hostSet.ts';
import type { Paths } from '../protocol/paths.ts';
import type { Supervisor } from '../supervisor.ts';
import { TerminalUi } from './terminalUi.ts';

/** What the layout works with. */
export type LayoutDeps = { supervisor: Supervisor; hosts: HostSet; agents: AgentSet; store: Store; paths: Paths; clock: Clock; logger: Logger; env: NodeJS.ProcessEnv; /** of this machine */ shell: Shell; down(): void };

/** Keeps cockpit's own tmux servers in step with the fleet: the agents' panes always, the terminal cockpit once a person asked for it. */
export class PairLayout implements Disposable {
  readonly #deps: LayoutDeps;
  readonly #resources = new DisposableStore();
  readonly #agentServer: AgentServer;
  readonly #sync: () => void;
  #terminal: TerminalUi | null = null;

  constructor(deps: LayoutDeps) {
    this.#deps = deps;
    const { supervisor, agents, paths, clock, logger, env, shell } = deps;
    const local = { paths, shell, clock, logger, env };
    this.#agentServer = this.#resources.add(new AgentServer({ ...local, terminalTty: (alias) => this.#terminal?.agentTty(alias) ?? null }));
    const open = async () => {
      this.#terminal = this.#resources.add(await TerminalUi.open({ ...deps, local, agentServer: this.#agentServer }));
    };
    this.#open = open;
    this.#sync = coalesce(
      () => this.#applyAgents(),
      (error) => {
        logger.error('the panes of the agents could not be brought in step', { error: messageOf(error) });
      },
    );
    this.#resources.add(agents.onDidChange(this.#sync));
    this.#resources.add(
      supervisor.onDidChange(({ before, fleet, fact }) => {
        if (fact.kind === 'agent' ? !hadAgent(before, fact.key, fact.status.threadId) : paneWords(before) !== paneWords(fleet)) this.#sync();
        if (shownKey(before) !== shownKey(fleet)) this.#show(fleet);
      }),
    );
  }

  readonly #open: () => Promise<void>;

  /** Rebuilds the terminal cockpit if it stood when the last supervisor ended. */
  async restore(): Promise<void> {
    if (this.#deps.store.getSetting('terminalUi', z.boolean()) === true) await this.openTerminal();
  }

  /** Makes sure that the terminal cockpit stands; argv that attaches to it. */
  async openTerminal(): Promise<string[]> {
    this.#deps.store.setSetting('terminalUi', true);
    if (!this.#terminal) await this.#open();
    if (!this.#terminal) throw new Error('the terminal cockpit did not open');
    await this.#terminal.sync();
    return this.#terminal.attachArgv();
  }

  /** Ends cockpit's tmux servers (for `down`). */
  async end(): Promise<void> {
    this.#deps.store.setSetting('terminalUi', false);
    this.#resources.dispose();
    await endServers(this.#deps.paths);
  }

  dispose(): void {
    this.#resources.dispose();
  }

  async #applyAgents(): Promise<void> {
    const { supervisor, agents } = this.#deps;
    const { fleet } = supervisor;
    const panes = allSessions(fleet).flatMap(({ ref, session }) => {
      const launch = agents.get(session.key)?.tuiLaunch;
      return launch ? [{ key: session.key, alias: ref.alias, label: session.observed.name, launch }] : [];
    });
    await this.#agentServer.apply(panes, fleet.hosts.map((host) => ({ alias: host.config.alias, note: agentNote(host) })));
    this.#show(fleet);
  }

  #show(fleet: Fleet): void {
    const alias = fleet.selectedAlias;
    if (alias === null) return;
    const ref = selectedRef(fleet);
    const key = ref && this.#deps.agents.get(sessionKey(ref))?.tuiLaunch ? sessionKey(ref) : null;
    this.#agentServer.show(alias, key).catch((error: unknown) => {
      this.#deps.logger.warn('the agent could not be shown', { alias, error: messageOf(error) });
    });
  }
}

/** Everything of the fleet that the agents' panes show. */
function paneWords(fleet: Fleet): string {
  return JSON.stringify(fleet.hosts.map((host) => [host.config.alias, agentNote(host), host.sessions.map((session) => [session.key, session.observed.name])]));
}

function hadAgent(fleet: Fleet, key: string, threadId: string | null): boolean {
  return fleet.hosts.some((host) => host.sessions.some((session) => session.key === key && session.agent.threadId === threadId && session.agent.state !== 'not-started'));
}

function shownKey(fleet: Fleet): string {
  const ref = selectedRef(fleet);
  return ref ? sessionKey(ref) : (fleet.selectedAlias ?? '');
}

function agentNote(host: Host): string {
  const failed = host.sessions.find((session) => session.agent.state === 'not-started' && session.agent.error !== null);
  if (failed?.agent.error) return `No agent: ${failed.agent.error}`;
  if (host.sessions.length > 0) return 'The agent of this session is not running yet.';
  return host.link === 'online' ? 'No agent, because there is no remote session.' : `No agent: ${host.error ?? host.link}`;
}
