const names: Record<number, string> = { 60: 'hourly', 1440: 'daily', 10_080: 'weekly', 43_200: 'monthly' };

/** Name of a usage window by its length: `5h`, `weekly` (ACCT-7). */
export function limitLabel(minutes: number): string {
  const name = names[minutes];
  if (name !== undefined) return name;
  if (minutes % 1440 === 0) return `${minutes / 1440}d`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}min`;
}
