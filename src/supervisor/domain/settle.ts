import { isReflow, screenDelta } from './screenDelta.ts';
import { withoutNoise } from './screenNoise.ts';

/** A screen counts as settled when nothing but noise changed for this long. */
export const quietMs = 120;
/** A screen that never is quiet is reported this long after its first change. */
export const maxWaitMs = 2_000;

/** A screen as a settler sees it; the size tells a resize from activity. */
export type SeenScreen = { text: string; width: number; height: number };

/** Where a screen is between two settled ones. Times are monotonic ms; a value, replaced and never changed. */
export type Settling = {
  /** What was last seen. */
  seen: SeenScreen;
  /** `seen` without noise. */
  quiet: string;
  /** Text of the last settled screen; null before the first. */
  settled: string | null;
  /** First and last change since it settled; null when nothing is pending. */
  pending: { sinceMs: number; lastMs: number } | null;
};

/** What a settled screen brings: its text and the lines that changed since the one before. */
export type Settled = { text: string; delta: string };

/** Takes in a screen that was read. Noise, and the mere reflow of a resize, change nothing that is reported. */
export function observeScreen(state: Settling | null, seen: SeenScreen, nowMs: number): Settling {
  const quiet = withoutNoise(seen.text);
  if (state === null) return { seen, quiet, settled: null, pending: { sinceMs: nowMs, lastMs: nowMs } };
  if (quiet === state.quiet) return { ...state, seen };
  const resized = seen.width !== state.seen.width || seen.height !== state.seen.height;
  if (resized && state.settled !== null && isReflow(state.seen.text, seen.text)) {
    return { seen, quiet, settled: state.pending ? state.settled : seen.text, pending: state.pending };
  }
  return { seen, quiet, settled: state.settled, pending: { sinceMs: state.pending?.sinceMs ?? nowMs, lastMs: nowMs } };
}

/** When the pending change is to be reported (monotonic ms); null if nothing is pending. */
export function settlesAtMs(state: Settling): number | null {
  return state.pending && Math.min(state.pending.lastMs + quietMs, state.pending.sinceMs + maxWaitMs);
}

/** Reports a pending change whose time has come. A screen that came back to what was settled reports nothing. */
export function settleNow(state: Settling, nowMs: number): { state: Settling; settled: Settled | null } {
  const atMs = settlesAtMs(state);
  if (atMs === null || nowMs < atMs) return { state, settled: null };
  const { text } = state.seen;
  const next: Settling = { ...state, settled: text, pending: null };
  if (state.settled !== null && withoutNoise(state.settled) === state.quiet) return { state: next, settled: null };
  return { state: next, settled: { text, delta: screenDelta(state.settled ?? '', text) } };
}
