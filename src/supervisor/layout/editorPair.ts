import { Followers } from '../adapters/tmux/local/followers.ts';
import { coalesce } from '../base/coalesce.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { messageOf } from '../base/errors.ts';
import type { Fleet } from '../domain/fleet.ts';
import type { AgentPanes } from './agentPanes.ts';
import type { LayoutDeps } from './pairLayout.ts';
import { shownViewerSession, type Viewers } from './viewers.ts';

/** A terminal attaches again within a third of a second. */
const followAgainMs = [500, 2_000];

/** argv of the two terminals of an editor window. */
export type PairArgv = { viewer: string[]; agent: string[] };

/** The pair in editor windows: two terminals per window that follow the one selection (VSC-3). */
export class EditorPair implements Disposable {
  readonly #viewers: Followers;
  readonly #agents: Followers;
  readonly #panes: AgentPanes;
  readonly #resources = new DisposableStore();

  constructor({ supervisor, paths, clock, logger }: LayoutDeps, viewers: Viewers, panes: AgentPanes) {
    this.#panes = panes;
    this.#viewers = new Followers({ socket: paths.viewerTmux, outerSocket: paths.outerTmux, runtime: paths.runtime, logger });
    this.#agents = new Followers({ socket: paths.agentTmux, outerSocket: paths.outerTmux, runtime: paths.runtime, logger });
    const followSoon = coalesce(
      () => this.follow(supervisor.fleet),
      (error) => {
        logger.warn('the pair could not follow the selection', { error: messageOf(error) });
      },
    );
    this.#resources.add(
      supervisor.onDidChange(({ before, fleet }) => {
        if (this.#words(before) !== this.#words(fleet)) followSoon();
      }),
    );
    // What is shown may have been made only now, or made anew on a server that knows nothing of the selection.
    for (const server of [viewers, panes]) {
      this.#resources.add(
        server.onDidRepair(() => {
          followSoon();
          // A terminal that was just attaching again read the selection too early to be switched.
          for (const laterMs of followAgainMs) this.#resources.add(clock.after(laterMs, followSoon));
        }),
      );
    }
  }

  /** What a window starts its terminals with. */
  argv(): PairArgv {
    return { viewer: this.#viewers.argv(), agent: this.#agents.argv() };
  }

  /** Shows the selection in every window. */
  async follow(fleet: Fleet): Promise<void> {
    const viewer = shownViewerSession(fleet);
    const agent = this.#panes.shownSession(fleet);
    await Promise.all([viewer === null ? null : this.#viewers.show(viewer), agent === null ? null : this.#agents.show(agent)]);
  }

  dispose(): void {
    this.#resources.dispose();
  }

  #words(fleet: Fleet): string {
    return `${shownViewerSession(fleet) ?? ''} ${this.#panes.shownSession(fleet) ?? ''}`;
  }
}
