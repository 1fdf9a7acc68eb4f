import type { Disposable } from '../../../base/disposable.ts';
import { Emitter, type Event } from '../../../base/event.ts';
import type { Logger } from '../../../base/logger.ts';
import { LineFifo } from './lineFifo.ts';

/** What a key of the terminal UI asks for (KEY-1); the same words as `cockpit ctl`. */
export const keyWords = ['next-host', 'previous-host', 'next-session', 'previous-session', 'toggle-focus', 'toggle-wake', 'down'] as const;
export type KeyWord = (typeof keyWords)[number];

/** The FIFO through which keys of the outer tmux reach the supervisor. */
export class KeyFifo implements Disposable {
  readonly #fifo: LineFifo;
  readonly #didPress = new Emitter<KeyWord>();

  readonly onDidPress: Event<KeyWord> = this.#didPress.event;

  private constructor(fifo: LineFifo) {
    this.#fifo = fifo;
    fifo.onDidRead((line) => {
      const word = keyWords.find((known) => known === line);
      if (word) this.#didPress.fire(word);
    });
  }

  /** Makes the FIFO (mode 0600) if it is missing and listens on it. */
  static async open(path: string, logger: Logger): Promise<KeyFifo> {
    return new KeyFifo(await LineFifo.open(path, logger));
  }

  dispose(): void {
    this.#fifo.dispose();
    this.#didPress.dispose();
  }
}
