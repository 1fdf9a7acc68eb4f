const minDelayMs = 500;
const maxDelayMs = 30_000;

/** How long to wait before connecting again, in ms: doubles per failed attempt (from 0) between 0.5 s and 30 s, the upper half of it by chance (`random` gives 0 to 1). */
export function backoffDelayMs(attempt: number, random: () => number): number {
  const ceiling = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(attempt, 16));
  return Math.max(minDelayMs, ceiling / 2 + (random() * ceiling) / 2);
}
