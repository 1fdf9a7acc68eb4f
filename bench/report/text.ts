import { statisticsOf, type Statistics } from '../measure/statistics.ts';
import type { Outcome, Series } from '../row.ts';
import { digits } from './digits.ts';
import { verdictOf } from './verdict.ts';

/** A table of an outcome for people. */
export function outcomeText({ title, unit, series, note }: Outcome): string {
  const nameWidth = Math.max(44, ...series.map(({ name }) => name.length));
  const head = `${''.padEnd(9)}${unit.padEnd(nameWidth)}${['n', 'median', 'p95', 'to ours'].map((word) => word.padStart(9)).join('')}  target`;
  const [first] = series;
  const reference = first ? statisticsOf(first.samples).median : NaN;
  const lines = series.map((one) => seriesLine(one, statisticsOf(one.samples), reference, nameWidth, series));
  return [`${title}${note === undefined ? '' : `\n  ${note}`}`, head, ...lines, ''].join('\n');
}

function seriesLine(series: Series, { n, median, p95 }: Statistics, reference: number, nameWidth: number, all: Series[]): string {
  const ratio = series.role === 'baseline' || series.role === 'floor' ? `×${digits(median / reference)}` : '';
  const verdicts = (series.targets ?? []).map((target) => verdictOf(series, target, all).text);
  return `${series.role.padEnd(9)}${series.name.padEnd(nameWidth)}${[String(n), digits(median), digits(p95), ratio].map((word) => word.padStart(9)).join('')}  ${verdicts.join('; ')}`.trimEnd();
}
