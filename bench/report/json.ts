import { statisticsOf } from '../measure/statistics.ts';
import type { Outcome } from '../row.ts';
import { verdictOf } from './verdict.ts';

/** An outcome as plain data, with its statistics and verdicts. */
export function outcomeJson(row: string, { title, unit, note, series }: Outcome): object {
  return {
    row,
    title,
    unit,
    note: note ?? null,
    series: series.map((one) => ({
      role: one.role,
      name: one.name,
      ...statisticsOf(one.samples),
      targets: (one.targets ?? []).map((target) => {
        const { isMet, value } = verdictOf(one, target, series);
        return { ...target, value, isMet };
      }),
    })),
  };
}
