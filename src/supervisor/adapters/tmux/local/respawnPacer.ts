import type { Clock } from '../../../base/clock.ts';

const firstWaitMs = 500;
const lastWaitMs = 30_000;
/** A process that lived this long did start; its end is a new event. */
const provenMs = 10_000;

/** Lets a pane's process be started again at once, but one that keeps ending only with growing waits. */
export class RespawnPacer {
  readonly #clock: Clock;
  readonly #starts = new Map<string, { atMs: number; waitMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the pane may be started now; true counts as started. */
  mayRespawn(pane: string): boolean {
    const nowMs = this.#clock.nowMs();
    const last = this.#starts.get(pane);
    const livedMs = last ? nowMs - last.atMs : Infinity;
    if (last && livedMs < last.waitMs) return false;
    const waitMs = last && livedMs < provenMs + last.waitMs ? Math.min(last.waitMs * 2, lastWaitMs) : firstWaitMs;
    this.#starts.set(pane, { atMs: nowMs, waitMs });
    return true;
  }
}
