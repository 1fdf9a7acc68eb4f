import type { Row } from './treeItems.ts';

/** What a tree has to be told: everything, or the rows that say something else (a host also when its sessions are others or in another order). */
export type RowChanges = { rows: Row[]; changed: Row[] | 'all' };

/** Brings shown rows to what they should be. The editor knows rows by identity, so a row that stays is the same object, changed in place. */
export function changesBetween(shown: readonly Row[], wanted: readonly Row[]): RowChanges {
  const known = new Map(shown.flatMap((row) => [row, ...row.children]).map((row) => [row.id, row]));
  const changed = new Set<Row>();
  const keep = (row: Row): Row => {
    const children = row.children.map(keep);
    const old = known.get(row.id);
    if (!old) return { ...row, children };
    if (look(old) !== look(row) || shape(old.children) !== shape(children)) changed.add(old);
    return Object.assign(old, row, { children });
  };
  const isSameShape = shape(shown) === shape(wanted);
  const rows = wanted.map(keep);
  if (!isSameShape) return { rows, changed: 'all' };
  // Telling that a row changed has those below it read again too.
  return { rows, changed: [...changed].filter((row) => !rows.some((parent) => changed.has(parent) && parent.children.includes(row))) };
}

const shape = (rows: readonly Row[]): string => rows.map((row) => row.id).join('\n');

const look = (row: Row): string => JSON.stringify({ ...row, children: [] });
