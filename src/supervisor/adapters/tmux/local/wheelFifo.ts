import { join } from 'node:path';
import type { Disposable } from '../../../base/disposable.ts';
import { Emitter, type Event } from '../../../base/event.ts';
import type { Logger } from '../../../base/logger.ts';
import { isSessionId, type SessionId } from '../../../domain/ids.ts';
import { LineFifo, tmuxQuote, writeLineScript } from './lineFifo.ts';
import type { Words } from './tmuxText.ts';

/** A turn of the wheel over a viewer whose remote does not want the mouse; `viewerSession` is `viewerSessionName` of the host. */
export type WheelTurn = { viewerSession: string; id: SessionId; direction: 'up' | 'down' };

const fifoPath = (runtime: string) => join(runtime, 'wheel');

/**
 * Bindings of the viewer server, on top of those that all inner servers have. An attached viewer is a full screen without scrollback of its own: the
 * scrollback is the remote's, so the supervisor is told. Everywhere else the wheel does what it does in the agent server.
 */
export function wheelSetup(runtime: string): Words[] {
  const tell = (direction: WheelTurn['direction']) => `run-shell -b ${tmuxQuote(writeLineScript(fifoPath(runtime), `${direction} #{session_name} #{@cockpit_window}`))}`;
  const bind = (key: string, direction: WheelTurn['direction'], otherwise: string): Words => {
    const inViewer = '#{&&:#{alternate_on},#{m:s[0-9]*,#{@cockpit_window}}}';
    return ['bind-key', '-T', 'root', key, `if-shell -F '#{||:#{pane_in_mode},#{mouse_any_flag}}' 'send-keys -M' ${tmuxQuote(`if-shell -F '${inViewer}' ${tmuxQuote(tell(direction))} '${otherwise}'`)}`];
  };
  return [bind('WheelUpPane', 'up', 'copy-mode -e ; send-keys -X -N 3 scroll-up'), bind('WheelDownPane', 'down', '')];
}

/** The FIFO of those bindings. */
export class WheelFifo implements Disposable {
  readonly #fifo: LineFifo;
  readonly #didTurn = new Emitter<WheelTurn>();

  readonly onDidTurn: Event<WheelTurn> = this.#didTurn.event;

  private constructor(fifo: LineFifo) {
    this.#fifo = fifo;
    fifo.onDidRead((line) => {
      const turn = turnOf(line);
      if (turn) this.#didTurn.fire(turn);
    });
  }

  /** Makes the FIFO in the runtime directory if it is missing and listens on it. */
  static async open(runtime: string, logger: Logger): Promise<WheelFifo> {
    return new WheelFifo(await LineFifo.open(fifoPath(runtime), logger));
  }

  dispose(): void {
    this.#fifo.dispose();
    this.#didTurn.dispose();
  }
}

function turnOf(line: string): WheelTurn | null {
  const [direction, viewerSession = '', window = ''] = line.split(' ');
  const id = `$${window.slice(1)}`;
  return (direction === 'up' || direction === 'down') && window.startsWith('s') && isSessionId(id) ? { direction, viewerSession, id } : null;
}
