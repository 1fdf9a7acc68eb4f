import { scrollPane } from '../adapters/tmux/commands/scrollPane.ts';
import { viewerSessionName } from '../adapters/tmux/local/viewerServer.ts';
import { WheelFifo, type WheelTurn } from '../adapters/tmux/local/wheelFifo.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { messageOf } from '../base/errors.ts';
import type { LayoutDeps } from './pairLayout.ts';

const linesPerTurn = 3;

/** Scrolls remote sessions when the wheel turns over their viewers (PAIR-4), also where the person has `mouse off` on the host. */
export class RemoteWheel implements Disposable {
  readonly #deps: Pick<LayoutDeps, 'supervisor' | 'hosts' | 'paths' | 'logger'>;
  readonly #resources = new DisposableStore();

  constructor(deps: Pick<LayoutDeps, 'supervisor' | 'hosts' | 'paths' | 'logger'>) {
    this.#deps = deps;
    WheelFifo.open(deps.paths.runtime, deps.logger).then(
      (fifo) => {
        if (this.#resources.isDisposed) {
          fifo.dispose();
          return;
        }
        this.#resources.add(fifo);
        this.#resources.add(fifo.onDidTurn((turn) => { this.#scroll(turn); }));
      },
      (error: unknown) => {
        deps.logger.error('the wheel does not scroll remote sessions', { error: messageOf(error) });
      },
    );
  }

  dispose(): void {
    this.#resources.dispose();
  }

  #scroll({ viewerSession, id, direction }: WheelTurn): void {
    const { supervisor, hosts, logger } = this.#deps;
    const host = supervisor.fleet.hosts.find(({ config }) => viewerSessionName(config.alias) === viewerSession);
    const link = host && hosts.link(host.config.alias);
    if (!link?.isOnline) return;
    link.request(scrollPane(id, direction, linesPerTurn)).catch((error: unknown) => {
      // The session ended, or the link is just lost: there is nothing to scroll.
      logger.debug('the remote did not scroll', { id, error: messageOf(error) });
    });
  }
}
