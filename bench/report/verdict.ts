import { statisticsOf } from '../measure/statistics.ts';
import type { Series, Target } from '../row.ts';
import { digits } from './digits.ts';

/** Whether a target was met, and in words. */
export type Verdict = { isMet: boolean; value: number; text: string };

/** Judges a series; `all` are the series that a ratio may be to. */
export function verdictOf(series: Series, target: Target, all: readonly Series[]): Verdict {
  const figures = statisticsOf(series.samples);
  const value = target.of === 'ratio' ? figures.median / statisticsOf(all.find(({ name }) => name === target.to)?.samples ?? []).median : figures[target.of];
  const isMet = value <= target.atMost;
  const what = target.of === 'ratio' ? `×${digits(value)} of ${target.to} ≤ ${target.atMost}` : `${target.of} ≤ ${target.atMost}`;
  return { isMet, value, text: `${what} ${isMet ? 'ok' : `MISSED (${digits(value)})`}` };
}
