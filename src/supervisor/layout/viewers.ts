import type { LocalServerDeps } from '../adapters/tmux/local/localServerDeps.ts';
import { plainText } from '../adapters/tmux/local/tmuxText.ts';
import { ViewerServer, viewerSessionName, type ViewerHost } from '../adapters/tmux/local/viewerServer.ts';
import { coalesce } from '../base/coalesce.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { messageOf } from '../base/errors.ts';
import type { Event } from '../base/event.ts';
import { selectedRef, type Fleet, type Host } from '../domain/fleet.ts';
import { sessionKey } from '../domain/ids.ts';
import { Lanes } from './lanes.ts';
import type { LayoutDeps } from './pairLayout.ts';

/** The viewer of every session, for whichever UI looks: kept in step with the fleet, the selected one in front. */
export class Viewers implements Disposable {
  readonly #deps: LayoutDeps;
  readonly #server: ViewerServer;
  readonly #lanes = new Lanes();
  readonly #resources = new DisposableStore();

  constructor(deps: LayoutDeps, local: LocalServerDeps) {
    this.#deps = deps;
    this.#server = this.#resources.add(new ViewerServer(local));
    const queueSync = coalesce(
      () => this.sync(),
      (error) => {
        deps.logger.error('the viewers could not be brought in step', { error: messageOf(error) });
      },
    );
    this.#resources.add(
      deps.supervisor.onDidChange(({ before, fleet }) => {
        if (viewerWords(before) !== viewerWords(fleet)) queueSync();
        if (shownKey(before) !== shownKey(fleet)) this.#show(fleet);
      }),
    );
  }

  /** Viewers were just made, started or ended. */
  get onDidRepair(): Event<undefined> {
    return this.#server.onDidRepair;
  }

  /** Brings the viewers in step with the fleet and repairs them. */
  async sync(): Promise<void> {
    const { fleet } = this.#deps.supervisor;
    await this.#server.apply(fleet.hosts.map((host) => this.#viewerHost(host)));
    await this.#showNow(fleet);
  }

  dispose(): void {
    this.#resources.dispose();
  }

  #viewerHost(host: Host): ViewerHost {
    const { alias } = host.config;
    this.#lanes.keep(alias, host.sessions.map((session) => session.observed.id));
    const sessions = host.sessions.map(({ observed }) => {
      const ref = { alias, id: observed.id };
      return { id: observed.id, name: observed.name, attachArgv: this.#deps.hosts.attachArgv(ref, this.#lanes.of(alias, observed.id)) };
    });
    // An error may hold text of the remote, and the note is printed as it is.
    return { alias, note: plainText(viewerNote(host)), sessions };
  }

  #show(fleet: Fleet): void {
    this.#showNow(fleet).catch((error: unknown) => {
      this.#deps.logger.warn('the viewer could not be shown', { error: messageOf(error) });
    });
  }

  async #showNow(fleet: Fleet): Promise<void> {
    if (fleet.selectedAlias !== null) await this.#server.show(fleet.selectedAlias, selectedRef(fleet)?.id ?? null);
  }
}

/** tmux session of the viewer server that shows the selected host, or null when no host is configured. */
export function shownViewerSession(fleet: Fleet): string | null {
  return fleet.selectedAlias === null ? null : viewerSessionName(fleet.selectedAlias);
}

function viewerNote(host: Host): string {
  if (host.link === 'online') return `${host.config.alias} has no cockpit- session. One that is made there appears here.`;
  if (host.link === 'needs-login') return `${host.config.alias} needs a login: run \`cockpit connect ${host.config.alias}\` in a terminal. ${host.error ?? ''}`;
  return `${host.config.alias} is ${host.link}. ${host.error ?? ''}`;
}

function shownKey(fleet: Fleet): string {
  const ref = selectedRef(fleet);
  return JSON.stringify([fleet.selectedAlias, ref ? sessionKey(ref) : null]);
}

/** Everything of the fleet that viewers show. */
function viewerWords(fleet: Fleet): string {
  return JSON.stringify(fleet.hosts.map((host) => [host.config, viewerNote(host), host.sessions.map(({ observed }) => [observed.id, observed.name])]));
}
