/** What is told of a list of samples. */
export type Statistics = { n: number; median: number; p95: number; max: number };

/** Median, 95th percentile (nearest rank) and maximum; NaN without samples. */
export function statisticsOf(samples: readonly number[]): Statistics {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (rank: number) => sorted[Math.min(sorted.length - 1, Math.max(0, rank))] ?? NaN;
  const middle = (sorted.length - 1) / 2;
  return { n: sorted.length, median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, p95: at(Math.ceil(sorted.length * 0.95) - 1), max: at(sorted.length - 1) };
}
