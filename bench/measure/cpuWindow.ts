import { setTimeout as delay } from 'node:timers/promises';
import { cpuMs } from './processCost.ts';

/** Percent of one core that each group of processes used in a window; `find` is asked at its start and at its end. */
export async function cpuWindow<Group extends string>(windowMs: number, find: () => Record<Group, number[]>): Promise<Record<Group, number>> {
  const start = usage(find());
  const startMs = performance.now();
  await delay(windowMs);
  const elapsedMs = performance.now() - startMs;
  const groups = find();
  const end = usage(groups);
  const shares = Object.entries<number[]>(groups).map(([group, pids]) => {
    // A process that started meanwhile counts from nothing; the time of one that ended is in its parent's.
    const usedMs = pids.reduce((sum, pid) => sum + (end.get(pid) ?? 0) - (start.get(pid) ?? 0), 0);
    return [group, (100 * usedMs) / elapsedMs];
  });
  return Object.fromEntries(shares) as Record<Group, number>;
}

function usage(groups: Record<string, number[]>): Map<number, number> {
  return new Map(Object.values(groups).flat().map((pid) => [pid, cpuMs(pid)]));
}
