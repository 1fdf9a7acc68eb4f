import { delay } from '../../src/supervisor/base/clock.ts';

/** Polls `probe` until it returns something truthy and returns that; fails with `what` after `timeoutMs`. An error of the probe counts as not yet, and is shown at the end. */
export async function until<T>(probe: () => T | Promise<T>, options: { timeoutMs?: number; what?: string } = {}): Promise<NonNullable<T>> {
  const { timeoutMs = 10_000, what = probe.toString() } = options;
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what} (last: ${String(last)})`, last instanceof Error ? { cause: last } : {});
    await delay(10);
  }
}
