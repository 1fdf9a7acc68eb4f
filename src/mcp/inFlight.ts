import { z } from 'zod';
import { Emitter } from '../supervisor/base/event.ts';
import { toDisposable, type Disposable } from '../supervisor/base/disposable.ts';

const requestId = z.union([z.string(), z.number()]);
const requestShape = z.object({ id: requestId, method: z.string() });
const cancelShape = z.object({ method: z.literal('notifications/cancelled'), params: z.object({ requestId }) });

/**
 * The requests that are being served. A cancel notification arrives as a request of its own, at a server that knows nothing of the cancelled one; here the two
 * meet. Only the same token can cancel.
 */
export class InFlight {
  readonly #entries = new Set<{ key: string; end: () => void }>();
  readonly #onDidEmpty = new Emitter<undefined>();

  /** Registers a request until it is disposed; `end` stops its tool and closes its stream. */
  add(tokenHash: string, message: unknown, end: () => void): Disposable {
    const request = requestShape.safeParse(message);
    const entry = { key: keyOf(tokenHash, request.success ? request.data.id : null), end };
    this.#entries.add(entry);
    return toDisposable(() => {
      this.#entries.delete(entry);
      if (this.#entries.size === 0) this.#onDidEmpty.fire(undefined);
    });
  }

  /** Ends the request that a `notifications/cancelled` names. If two connections of one token use the same id it ends none: a client that goes also closes its request. */
  cancelIfAsked(tokenHash: string, message: unknown): void {
    const cancel = cancelShape.safeParse(message);
    if (!cancel.success) return;
    const key = keyOf(tokenHash, cancel.data.params.requestId);
    const [found, ...others] = [...this.#entries].filter((entry) => entry.key === key);
    if (found && others.length === 0) found.end();
  }

  /** Resolves when nothing is being served. */
  whenEmpty(): Promise<void> {
    if (this.#entries.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const listener = this.#onDidEmpty.event(() => {
        listener.dispose();
        resolve();
      });
    });
  }
}

function keyOf(tokenHash: string, id: string | number | null): string {
  return `${tokenHash} ${JSON.stringify(id)}`;
}
