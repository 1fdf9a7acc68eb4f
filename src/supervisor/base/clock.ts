import { toDisposable, type Disposable } from './disposable.ts';

/** The one source of time: durations come from a monotonic clock, so a jump of the wall clock changes nothing (REL-5). */
export type Clock = {
  /** Milliseconds since an arbitrary start; never goes back. */
  nowMs(): number;
  /** Wall-clock time as ISO-8601 in UTC, for people and for the audit only. */
  isoNow(): string;
  /** Runs `fn` once after `delayMs`. */
  after(delayMs: number, fn: () => void): Disposable;
  /** Runs `fn` every `periodMs`. */
  every(periodMs: number, fn: () => void): Disposable;
};

/** Time of the machine. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  isoNow: () => new Date().toISOString(),
  after(delayMs, fn) {
    const timer = setTimeout(fn, delayMs);
    timer.unref();
    return toDisposable(() => {
      clearTimeout(timer);
    });
  },
  every(periodMs, fn) {
    const timer = setInterval(fn, periodMs);
    timer.unref();
    return toDisposable(() => {
      clearInterval(timer);
    });
  },
};

/** Resolves after `delayMs`, or rejects with the signal's reason. Keeps the process alive meanwhile. */
export function delay(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
