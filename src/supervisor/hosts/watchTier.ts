import type { ControlChannel } from '../adapters/tmux/controlChannel.ts';
import type { Clock } from '../base/clock.ts';
import { toDisposable, type Disposable } from '../base/disposable.ts';
import type { SessionId } from '../domain/ids.ts';
import { Watcher, type WatcherDeps } from './watcher.ts';

/** A connection has room for five control channels (main, asking, one for scripts); sessions that are watched beyond this many are seen by the subscription. */
const maxWatchers = 2;
/** A watch that ends is often wanted again at once (a tool call after the other). */
const lingerMs = 3_000;

/** What watches work with; `onLost` is told of channels that were open. */
export type WatchTierDeps = Omit<WatcherDeps, 'onLost'> & { onLost: () => void };

/** Which sessions are watched, and a watcher for as many of them as may have one. */
export class WatchTier implements Disposable {
  readonly #deps: WatchTierDeps;
  readonly #clock: Clock;
  readonly #wanted = new Map<SessionId, { count: number; linger: Disposable | null }>();
  readonly #watchers = new Map<SessionId, Watcher>();
  #present = new Set<SessionId>();

  constructor(deps: WatchTierDeps) {
    this.#deps = deps;
    this.#clock = deps.clock;
  }

  /** Whether what is written to the session is known at once. */
  isPushed(id: SessionId): boolean {
    return this.#watchers.has(id);
  }

  /** A channel of any watcher: for a moment without the main one. */
  get anyChannel(): ControlChannel | null {
    return [...this.#watchers.values()].find((watcher) => watcher.channel !== null)?.channel ?? null;
  }

  get watched(): SessionId[] {
    return [...this.#wanted.keys()];
  }

  watch(id: SessionId): Disposable {
    const wish = this.#wanted.get(id) ?? { count: 0, linger: null };
    wish.linger?.dispose();
    wish.count += 1;
    this.#wanted.set(id, wish);
    this.#balance();
    return toDisposable(() => {
      wish.count -= 1;
      if (wish.count > 0) return;
      wish.linger = this.#clock.after(lingerMs, () => {
        this.#wanted.delete(id);
        this.#balance();
      });
    });
  }

  /** Takes in the sessions that can be watched now; none when the link is down or tmux is too old. */
  update(present: SessionId[]): void {
    this.#present = new Set(present);
    this.#balance();
  }

  dispose(): void {
    for (const wish of this.#wanted.values()) wish.linger?.dispose();
    this.#wanted.clear();
    this.#balance();
  }

  #balance(): void {
    for (const [id, watcher] of this.#watchers) {
      if (this.#wanted.has(id) && this.#present.has(id)) continue;
      this.#watchers.delete(id);
      watcher.dispose();
    }
    for (const id of this.#wanted.keys()) {
      if (this.#watchers.size >= maxWatchers) return;
      if (!this.#present.has(id) || this.#watchers.has(id)) continue;
      this.#watchers.set(id, new Watcher(id, { ...this.#deps, onLost: (lost, wasOpen) => { this.#lost(lost, wasOpen); } }));
    }
  }

  /** It is made again with the next listing: at once if it was open, else not before the reconcile, so that a refused channel is no hot loop. */
  #lost(id: SessionId, wasOpen: boolean): void {
    this.#watchers.delete(id);
    if (wasOpen) this.#deps.onLost();
  }
}
