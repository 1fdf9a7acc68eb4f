import { AgentServer, agentPlaceholderName, agentSessionName } from '../adapters/tmux/local/agentServer.ts';
import type { LocalServerDeps } from '../adapters/tmux/local/localServerDeps.ts';
import { coalesce } from '../base/coalesce.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { messageOf } from '../base/errors.ts';
import { allSessions, selectedRef, type Fleet, type Host } from '../domain/fleet.ts';
import { sessionKey } from '../domain/ids.ts';
import type { LayoutDeps } from './pairLayout.ts';

/** The pane of every agent, with its Codex: kept in step with the fleet whether anybody looks or not. */
export class AgentPanes implements Disposable {
  readonly #deps: LayoutDeps;
  readonly #server: AgentServer;
  readonly #resources = new DisposableStore();

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
      deps.supervisor.onDidChange(({ before, fleet, fact }) => {
        if (fact.kind === 'agent' ? !hadAgent(before, fact.key, fact.status.threadId) : paneWords(before) !== paneWords(fleet)) sync();
        if (shownKey(before) !== shownKey(fleet)) this.#show(fleet);
      }),
    );
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
    const { supervisor, agents } = this.#deps;
    const { fleet } = supervisor;
    const panes = allSessions(fleet).flatMap(({ ref, session }) => {
      const launch = agents.get(session.key)?.tuiLaunch;
      return launch ? [{ key: session.key, alias: ref.alias, label: session.observed.name, launch }] : [];
    });
    await this.#server.apply(panes, fleet.hosts.map((host) => ({ alias: host.config.alias, note: agentNote(host) })));
    this.#show(fleet);
  }

  #show(fleet: Fleet): void {
    if (fleet.selectedAlias === null) return;
    this.#server.show(fleet.selectedAlias, this.#shownAgent(fleet)).catch((error: unknown) => {
      this.#deps.logger.warn('the agent could not be shown', { alias: fleet.selectedAlias, error: messageOf(error) });
    });
  }

  #shownAgent(fleet: Fleet): string | null {
    const ref = selectedRef(fleet);
    return ref && this.#deps.agents.get(sessionKey(ref))?.tuiLaunch ? sessionKey(ref) : null;
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
