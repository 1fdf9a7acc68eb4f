import type { Clock } from './clock.ts';
import type { Disposable } from './disposable.ts';

/** When it runs: `gap` at once, but so long after the run before; `delay` so long after the first request. In ms. */
export type Pace = { gap: number } | { delay: number };

/** Runs `work` once for however many requests come until then. While nobody asks no timer runs: an idle cockpit sleeps. */
export class Later implements Disposable {
  readonly #clock: Clock;
  readonly #pace: Pace;
  readonly #work: () => void;
  #timer: Disposable | null = null;
  #lastMs = -Infinity;
  #isDisposed = false;

  constructor(clock: Clock, pace: Pace, work: () => void) {
    this.#clock = clock;
    this.#pace = pace;
    this.#work = work;
  }

  request(): void {
    if (this.#timer !== null || this.#isDisposed) return;
    const waitMs = 'delay' in this.#pace ? this.#pace.delay : Math.max(0, this.#lastMs + this.#pace.gap - this.#clock.nowMs());
    this.#timer = this.#clock.after(waitMs, () => {
      this.#timer = null;
      this.#lastMs = this.#clock.nowMs();
      this.#work();
    });
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#timer?.dispose();
  }
}
