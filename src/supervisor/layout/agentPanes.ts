import { AgentServer, agentPlaceholderName, agentSessionName, type AgentPane } from '../adapters/tmux/local/agentServer.ts';
import type { LocalServerDeps } from '../adapters/tmux/local/localServerDeps.ts';
import { coalesce } from '../base/coalesce.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { messageOf } from '../base/errors.ts';
import type { Event } from '../base/event.ts';
import { allSessions, selectedRef, type Fleet, type Host } from '../domain/fleet.ts';
import { sessionKey } from '../domain/ids.ts';
import type { LayoutDeps } from './pairLayout.ts';

/** A TUI tries for 2 minutes to reach its app-server again, and then no more. */
const tuiPatienceMs = 110_000;

/** The pane of every agent, with its Codex: kept in step with the fleet whether anybody looks or not. */
export class AgentPanes implements Disposable {
  readonly #deps: LayoutDeps;
  readonly #server: AgentServer;
  readonly #resources = new DisposableStore();
  /** Agents whose TUI does not find back by itself. */
  #cutOff = new Set<string>();

  /** `terminalTty` tells where the terminal cockpit shows the agents of a host. */
  constructor(deps: LayoutDeps, local: LocalServerDeps, terminalTty: (alias: string) => string | null) {
    this.#deps = deps;
    this.#server = this.#resources.add(new AgentServer({ ...local, terminalTty }));
    const sync = coalesce(
      () => this.#apply(),
      (error) => {
        deps.logger.error('the panes of the agents could not be brought in step', { error: messageOf(error) });
      },
    );
    this.#resources.add(deps.agents.onDidChange(sync));
    this.#resources.add(
      deps.agents.onDidReturn(({ key, awayMs }) => {
        if (awayMs < tuiPatienceMs) return;
        this.#cutOff.add(key);
        sync();
      }),
    );
    this.#resources.add(
      deps.supervisor.onDidChange(({ before, fleet }) => {
        if (paneWords(before) !== paneWords(fleet)) sync();
        if (shownKey(before) !== shownKey(fleet)) this.#show(fleet);
      }),
    );
  }

  /** Panes were just made, started or ended. */
  get onDidRepair(): Event<undefined> {
    return this.#server.onDidRepair;
  }

  /** tmux session of the agent server that shows the selection: its agent, or the host's placeholder; null when no host is configured. */
  shownSession(fleet: Fleet): string | null {
    if (fleet.selectedAlias === null) return null;
    const key = this.#shownAgent(fleet);
    return key === null ? agentPlaceholderName(fleet.selectedAlias) : agentSessionName(key);
  }

  dispose(): void {
    this.#resources.dispose();
  }

  async #apply(): Promise<void> {
    const { fleet } = this.#deps.supervisor;
    const panes = [...this.#listedPanes(fleet), ...this.#unlistedPanes(fleet)];
    const placeholders = fleet.hosts.map((host) => ({ alias: host.config.alias, note: agentNote(host) }));
    const cutOff = this.#cutOff;
    this.#cutOff = new Set();
    // Without it once, so that it is made anew.
    if (cutOff.size > 0) await this.#server.apply(panes.filter(({ key }) => !cutOff.has(key)), placeholders);
    await this.#server.apply(panes, placeholders);
    this.#show(fleet);
  }

  /** An agent whose app-server is away keeps its pane: the TUI waits for it with the person's draft. */
  #listedPanes(fleet: Fleet): AgentPane[] {
    const { agents, store } = this.#deps;
    return allSessions(fleet).flatMap(({ ref, session: { key, observed } }) => {
      const agent = agents.get(key);
      const isPaired = store.pairings.get(key) !== null;
      const launch = agent ? agent.tuiLaunch : isPaired ? this.#standIn(`${ref.alias}/${ref.id}`) : null;
      const isKept = agent !== undefined || launch !== null || (!agents.isDecided(key) && isPaired);
      return isKept ? [{ key, alias: ref.alias, label: observed.name, launch }] : [];
    });
  }

  #standIn(session: string): AgentPane['launch'] {
    const { agents, env } = this.#deps;
    return agents.standIn === null ? null : { argv: [agents.standIn, session], env: { PATH: env['PATH'] ?? '/usr/bin:/bin' }, cwd: '/' };
  }

  /** What an earlier supervisor left for hosts that were not reached yet stays. */
  #unlistedPanes(fleet: Fleet): AgentPane[] {
    const unlisted = new Set(fleet.hosts.filter((host) => host.listedAtMs === null).map((host) => host.config.alias));
    return this.#deps.store.pairings.list().flatMap(({ key, alias, name }) => (unlisted.has(alias) ? [{ key, alias, label: name, launch: null }] : []));
  }

  #show(fleet: Fleet): void {
    if (fleet.selectedAlias === null) return;
    this.#server.show(fleet.selectedAlias, this.#shownAgent(fleet)).catch((error: unknown) => {
      this.#deps.logger.warn('the agent could not be shown', { alias: fleet.selectedAlias, error: messageOf(error) });
    });
  }

  #shownAgent(fleet: Fleet): string | null {
    const ref = selectedRef(fleet);
    if (ref === null) return null;
    const key = sessionKey(ref);
    return this.#deps.agents.get(key)?.tuiLaunch || this.#server.has(key) ? key : null;
  }
}

/** Everything of the fleet that the agents' panes show. */
function paneWords(fleet: Fleet): string {
  return JSON.stringify(fleet.hosts.map((host) => [host.config.alias, agentNote(host), host.sessions.map((session) => [session.key, session.observed.name])]));
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
