import { quietLine } from './screenNoise.ts';

/** The lines of `after` that `before` did not have, in order, scrolling and noise left out; '' if there are none (MCP-6). */
export function screenDelta(before: string, after: string): string {
  const old = before.split('\n').map(quietLine);
  const lines = after.split('\n').map((line) => line.trimEnd());
  const kept = commonLines(old, lines.map(quietLine));
  const added = lines.filter((line, at) => !kept.has(at) && line !== '');
  return added.join('\n');
}

/** Whether two screens show the same words, only laid out anew: what a resize does. */
export function isReflow(before: string, after: string): boolean {
  const [old, now] = [words(before), words(after)];
  const [fewer, more] = old.length < now.length ? [old, now] : [now, old];
  if (fewer.length === 0) return more.length === 0;
  const left = new Map<string, number>();
  for (const word of more) left.set(word, (left.get(word) ?? 0) + 1);
  const shared = fewer.filter((word) => {
    const count = left.get(word) ?? 0;
    left.set(word, count - 1);
    return count > 0;
  });
  return shared.length / fewer.length >= 0.9;
}

/** Positions in `now` of a longest common subsequence with `old`. */
function commonLines(old: string[], now: string[]): Set<number> {
  const rows = lengths(old, now);
  const kept = new Set<number>();
  let [i, j] = [0, 0];
  while (i < old.length && j < now.length) {
    if (old[i] === now[j]) {
      kept.add(j);
      i += 1;
      j += 1;
    } else if ((rows[i + 1]?.[j] ?? 0) >= (rows[i]?.[j + 1] ?? 0)) i += 1;
    else j += 1;
  }
  return kept;
}

/** `lengths[i][j]` is the length of the longest common subsequence of `old` from i and `now` from j; blank lines weigh little, so that they never pull text apart. */
function lengths(old: string[], now: string[]): Float64Array[] {
  const rows = Array.from({ length: old.length + 1 }, () => new Float64Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    const [row, below] = [rows[i], rows[i + 1]];
    if (!row || !below) continue;
    for (let j = now.length - 1; j >= 0; j -= 1) {
      const weight = old[i] === '' ? 0.001 : 1;
      row[j] = old[i] === now[j] ? (below[j + 1] ?? 0) + weight : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return rows;
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
