import { toDisposable, type Disposable } from './disposable.ts';

/** Subscribes a listener; the returned disposable ends the subscription. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** The private side of an `onDidX` event: listeners run synchronously, in the order in which they subscribed. */
export class Emitter<T> implements Disposable {
  readonly #listeners = new Set<{ run: (value: T) => void }>();

  readonly event: Event<T> = (listener) => {
    const entry = { run: listener };
    this.#listeners.add(entry);
    return toDisposable(() => this.#listeners.delete(entry));
  };

  fire(value: T): void {
    for (const entry of [...this.#listeners]) entry.run(value);
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
