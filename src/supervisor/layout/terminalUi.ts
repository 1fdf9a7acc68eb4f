import { KeyFifo } from '../adapters/tmux/local/keyFifo.ts';
import type { LocalServerDeps } from '../adapters/tmux/local/localServerDeps.ts';
import { OuterServer } from '../adapters/tmux/local/outerServer.ts';
import { coalesce } from '../base/coalesce.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { messageOf } from '../base/errors.ts';
import { selectedRef, type Fleet } from '../domain/fleet.ts';
import { sessionKey } from '../domain/ids.ts';
import { needsPerson } from '../domain/selection.ts';
import type { LayoutDeps } from './pairLayout.ts';
import { statusText } from './statusText.ts';

const statusEveryMs = 1_000;

/** The terminal cockpit: the outer tmux server, its keys and its status line. */
export class TerminalUi implements Disposable {
  readonly #deps: LayoutDeps;
  readonly #outer: OuterServer;
  readonly #resources = new DisposableStore();
  readonly #queueSync: () => void;
  #statusShown = '';

  private constructor(deps: LayoutDeps & { local: LocalServerDeps }, keys: KeyFifo) {
    this.#deps = deps;
    const { supervisor, clock, logger } = deps;
    this.#outer = this.#resources.add(new OuterServer(deps.local));
    this.#resources.add(keys);
    this.#queueSync = coalesce(
      () => this.sync(),
      (error) => {
        logger.error('the terminal cockpit could not be brought in step', { error: messageOf(error) });
      },
    );
    this.#resources.add(
      keys.onDidPress((word) => {
        if (word === 'down') deps.down();
        else supervisor.observe({ kind: 'control', control: word });
      }),
    );
    this.#resources.add(
      this.#outer.onDidFocus(({ alias, focus }) => {
        supervisor.observe({ kind: 'selected', alias, id: null, focus });
      }),
    );
    this.#resources.add(
      supervisor.onDidChange(({ before, fleet }) => {
        if (viewKey(before) !== viewKey(fleet)) this.#select(fleet);
        if (windowWords(before) !== windowWords(fleet)) this.#queueSync();
        this.#setStatus(fleet);
      }),
    );
    this.#resources.add(clock.every(statusEveryMs, () => { this.#setStatus(supervisor.fleet); }));
  }

  static async open(deps: LayoutDeps & { local: LocalServerDeps }): Promise<TerminalUi> {
    return new TerminalUi(deps, await KeyFifo.open(deps.paths.keyFifo, deps.logger));
  }

  /** Brings the windows in step with the fleet and repairs them. */
  async sync(): Promise<void> {
    const { fleet } = this.#deps.supervisor;
    await this.#outer.apply(fleet.hosts.map((host) => ({ alias: host.config.alias, needs: host.sessions.filter(needsPerson).length })));
    await this.#selectNow(fleet);
    this.#setStatus(fleet);
  }

  attachArgv(): string[] {
    return this.#outer.attachArgv();
  }

  agentTty(alias: string): string | null {
    return this.#outer.agentTty(alias);
  }

  dispose(): void {
    this.#resources.dispose();
  }

  #select(fleet: Fleet): void {
    this.#selectNow(fleet).catch((error: unknown) => {
      this.#deps.logger.warn('the selection could not be shown', { error: messageOf(error) });
    });
  }

  async #selectNow(fleet: Fleet): Promise<void> {
    if (fleet.selectedAlias === null) return;
    await this.#outer.select(fleet.selectedAlias, fleet.focus);
  }

  #setStatus(fleet: Fleet): void {
    const text = statusText(fleet, this.#deps.notices(), this.#deps.clock.nowMs());
    if (JSON.stringify(text) === this.#statusShown) return;
    this.#statusShown = JSON.stringify(text);
    this.#outer.setStatus(text).catch((error: unknown) => {
      this.#statusShown = '';
      this.#deps.logger.debug('the status line could not be set', { error: messageOf(error) });
    });
  }
}

function viewKey(fleet: Fleet): string {
  const ref = selectedRef(fleet);
  return JSON.stringify([fleet.selectedAlias, ref ? sessionKey(ref) : null, fleet.focus]);
}

/** Everything of the fleet that the windows show. */
function windowWords(fleet: Fleet): string {
  return JSON.stringify(fleet.hosts.map((host) => [host.config.alias, host.sessions.filter(needsPerson).length]));
}
