import { createHash, randomUUID } from 'node:crypto';
import type Database from 'better-sqlite3';
import { CockpitError, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { chainedColumns, chainHash, chainStart, verifyChain, type ChainCheck, type ChainedTable } from './auditChain.ts';
import { durably } from './database.ts';
import { redact, redactValue } from './redact.ts';

/** Id of one audited action. */
export type ActionId = string;
export type ActionOutcome = 'accepted' | 'refused' | 'partial' | 'unknown';

/** What is about to be done at a remote. */
export type ActionIntent = {
  /** Session key. */
  key: string;
  host: string;
  /** tmux session id. */
  session: string;
  /** Who acts: `agent`, `grant`, `human`, `supervisor`. */
  actor: string;
  /** Name of the MCP tool or command that asked. */
  tool: string;
  /** What is written: `text`, `keys`, `paste`, `claim`… */
  kind: string;
  /**
   * What is written. Text that goes to the pane (a string or Buffer) is kept as its length, SHA-256 and first 200 characters only; an object as JSON,
   * with Buffers in it summarized the same way. Credentials are redacted in both.
   */
  detail: string | Buffer | Record<string, unknown>;
  epoch: number | null;
  /** `_meta` of the tool call (threadId, turn_id, callId). */
  meta?: Record<string, unknown>;
};

/** One audited action with its outcome; `outcome` is null while it runs. */
export type Action = {
  seq: number;
  id: ActionId;
  /** ISO-8601. */
  at: string;
  key: string;
  host: string;
  session: string;
  actor: string;
  tool: string;
  kind: string;
  /** JSON object; of text `{bytes, sha256, head}`. */
  detail: string;
  epoch: number | null;
  meta: Record<string, unknown>;
  outcome: ActionOutcome | null;
  reason: string | null;
  endedAt: string | null;
};

/** The audit: one durable row per remote action before its bytes leave (OWN-7), one outcome behind it. */
export type ActionStore = {
  /** Returns when the row is on the disk. Throws CockpitError 'audit-unavailable' (disk full…): then the action must not happen (OWN-8). */
  beginAction(intent: ActionIntent): ActionId;
  /**
   * Writes the one outcome of an action. The action has happened, so a disk that is full now does not throw: the outcome waits in memory and is written
   * before the next row (a process that ends first leaves `unknown`). Throws CockpitError 'audit-ended-twice' for a second outcome.
   */
  endAction(id: ActionId, outcome: ActionOutcome, reason: string | null): void;
  /** Oldest first: the first `limit` rows behind `sinceSeq`; without it (or with 0) the newest `limit`. */
  listActions(query: { key?: string; limit: number; sinceSeq?: number }): Action[];
  /** Checks every row; `brokenSeq` is the first that is not as it was written. */
  verifyChain(): ChainCheck;
  /** Gives every action without an outcome the outcome `unknown`; returns how many. For the start, when nothing can be in flight. */
  endAbandoned(): number;
};

type Ending = { id: ActionId; outcome: ActionOutcome; reason: string | null; at: string };
type Cell = string | number | null;

const headCharacters = 200;

/** The audit of an open database. */
export function createActionStore(db: Database.Database, logger: Logger): ActionStore {
  const appendAudit = chainAppender(db, 'audit');
  const appendOutcome = chainAppender(db, 'audit_outcome');
  const ended = db.prepare<[string], { id: string }>('SELECT audit_id AS id FROM audit_outcome WHERE audit_id = ?');
  const listing = actionListing(db);
  let waiting: Ending[] = [];

  const write = (rows: () => void) => {
    try {
      durably(db, () => {
        for (const ending of waiting) appendOutcome([ending.id, ending.outcome, ending.reason, ending.at]);
        rows();
      });
      waiting = [];
    } catch (error) {
      throw new CockpitError('audit-unavailable', `the audit cannot be written: ${messageOf(error)}`, { cause: error });
    }
  };

  return {
    beginAction(intent) {
      const id = randomUUID();
      const { key, host, session, actor, tool, kind, epoch } = intent;
      const detail = JSON.stringify(describe(intent.detail));
      const meta = JSON.stringify(redactValue(intent.meta ?? {}));
      write(() => {
        appendAudit([id, now(), key, host, session, actor, tool, kind, detail, epoch, meta]);
      });
      return id;
    },
    endAction(id, outcome, reason) {
      if (ended.get(id) !== undefined || waiting.some((ending) => ending.id === id)) {
        throw new CockpitError('audit-ended-twice', `action ${id} has its outcome already`);
      }
      const ending: Ending = { id, outcome, reason: reason === null ? null : redact(reason), at: now() };
      try {
        write(() => {
          appendOutcome([ending.id, ending.outcome, ending.reason, ending.at]);
        });
      } catch (error) {
        waiting.push(ending);
        logger.warn('an outcome waits for the audit', { action: id, outcome, error: messageOf(error) });
      }
    },
    listActions: listing,
    verifyChain: () => verifyChain(db),
    endAbandoned() {
      const open = db.prepare<[], { id: string }>('SELECT id FROM audit WHERE id NOT IN (SELECT audit_id FROM audit_outcome) ORDER BY seq').all();
      if (open.length === 0) return 0;
      write(() => {
        for (const { id } of open) appendOutcome([id, 'unknown', 'supervisor ended', now()]);
      });
      return open.length;
    },
  };
}

function chainAppender(db: Database.Database, table: ChainedTable): (cells: readonly Cell[]) => void {
  const columns = chainedColumns[table];
  const last = db.prepare<[], { seq: number; hash: string }>(`SELECT seq, hash FROM ${table} ORDER BY seq DESC LIMIT 1`);
  const insert = db.prepare<Cell[]>(`INSERT INTO ${table} (${columns.join(', ')}, prev_hash, hash) VALUES (${'?, '.repeat(columns.length + 1)}?)`);
  return (cells) => {
    const { seq, hash } = last.get() ?? { seq: 0, hash: chainStart };
    const row = [seq + 1, ...cells];
    insert.run(...row, hash, chainHash(hash, row));
  };
}

function describe(detail: ActionIntent['detail']): unknown {
  if (typeof detail === 'string' || Buffer.isBuffer(detail)) return summarize(detail);
  return redactValue(Object.fromEntries(Object.entries(detail).map(([name, value]) => [name, Buffer.isBuffer(value) ? summarize(value) : value])));
}

function summarize(payload: string | Buffer): { bytes: number; sha256: string; head: string } {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  // Redacted before it is cut: a credential across the end of the head would not be known for one any more.
  const head = redact(bytes.subarray(0, 8192).toString('utf8'));
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), head: Array.from(head).slice(0, headCharacters).join('') };
}

function actionListing(db: Database.Database): ActionStore['listActions'] {
  type Row = Omit<Action, 'meta'> & { meta: string };
  const select = `SELECT a.seq, a.id, a.at, a.key, a.host, a.session, a.actor, a.tool, a.kind, a.detail, a.epoch, a.meta, o.outcome, o.reason, o.at AS endedAt
    FROM audit a LEFT JOIN audit_outcome o ON o.audit_id = a.id WHERE (@key IS NULL OR a.key = @key) AND a.seq > @sinceSeq ORDER BY a.seq`;
  type Query = { key: string | null; sinceSeq: number; limit: number };
  const forward = db.prepare<Query, Row>(`${select} LIMIT @limit`);
  const newest = db.prepare<Query, Row>(`${select} DESC LIMIT @limit`);
  return ({ key = null, limit, sinceSeq = 0 }) => {
    const rows = sinceSeq === 0 ? newest.all({ key, sinceSeq: 0, limit }).reverse() : forward.all({ key, sinceSeq, limit });
    return rows.map((row) => ({ ...row, meta: JSON.parse(row.meta) as Action['meta'] }));
  };
}

function now(): string {
  return new Date().toISOString();
}
