import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';

/** `prev_hash` of the first row of a table. */
export const chainStart = '0'.repeat(64);

/** Every column that a hash covers, in its order. */
export const chainedColumns = {
  audit: ['seq', 'id', 'at', 'key', 'host', 'session', 'actor', 'tool', 'kind', 'detail', 'epoch', 'meta'],
  audit_outcome: ['seq', 'audit_id', 'outcome', 'reason', 'at'],
} as const;
export type ChainedTable = keyof typeof chainedColumns;

/** Outcome of a check: the number of rows, or the first row that is not as it was written. */
export type ChainCheck = { ok: true; rows: number } | { ok: false; table: ChainedTable; brokenSeq: number; why: string };

type Cell = string | number | null;

/** Hash of a row: SHA-256 over the hash of the row before it and its own columns. */
export function chainHash(prevHash: string, columns: readonly Cell[]): string {
  return createHash('sha256').update(`${prevHash}\n${JSON.stringify(columns)}`).digest('hex');
}

/** Checks both tables from their first row: gaps, changed cells, cut tails, outcomes without their action. */
export function verifyChain(db: Database.Database): ChainCheck {
  const audit = verifyTable(db, 'audit');
  if (!audit.ok) return audit;
  const outcomes = verifyTable(db, 'audit_outcome');
  if (!outcomes.ok) return outcomes;
  const orphan = db.prepare<[], { seq: number }>('SELECT seq FROM audit_outcome WHERE audit_id NOT IN (SELECT id FROM audit) ORDER BY seq LIMIT 1').get();
  if (orphan) return { ok: false, table: 'audit_outcome', brokenSeq: orphan.seq, why: 'its action is missing' };
  return { ok: true, rows: audit.rows + outcomes.rows };
}

function verifyTable(db: Database.Database, table: ChainedTable): ChainCheck {
  const broken = (brokenSeq: number, why: string): ChainCheck => ({ ok: false, table, brokenSeq, why });
  const rows = db.prepare<[], Cell[]>(`SELECT prev_hash, hash, ${chainedColumns[table].join(', ')} FROM ${table} ORDER BY seq`).raw();
  let prevHash = chainStart;
  let count = 0;
  for (const [rowPrevHash, rowHash, ...columns] of rows.iterate()) {
    count += 1;
    if (columns[0] !== count) return broken(count, 'the row is missing');
    if (rowPrevHash !== prevHash) return broken(count, 'it does not follow the row before it');
    prevHash = chainHash(prevHash, columns);
    if (rowHash !== prevHash) return broken(count, 'its content was changed');
  }
  const written = db.prepare<[string], { seq: number }>('SELECT seq FROM sqlite_sequence WHERE name = ?').get(table)?.seq ?? 0;
  return written > count ? broken(count + 1, 'the row is missing') : { ok: true, rows: count };
}
