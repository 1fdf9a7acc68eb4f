import { createHash, randomUUID } from 'node:crypto';
import type Database from 'better-sqlite3';
import { CockpitError, messageOf } from '../../base/errors.ts';
import { Emitter, type Event } from '../../base/event.ts';
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
  /** `write` of an agent, `command` of a person, `ownership` for who may write. */
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
  /**
   * Takes a row for what a person does, who waits for no disk (OWN-8): it is in memory when this returns, and written in the next turn of the event loop or, while
   * that fails, before the next row. Null when so many rows wait that this one is given up.
   */
  noteAction(intent: ActionIntent): ActionId | null;
  /** The one outcome of a noted action; as late as its row. */
  endNote(id: ActionId | null, outcome: ActionOutcome, reason: string | null): void;
  /** Writes what waits, now. Throws CockpitError 'audit-unavailable'. */
  writeWaiting(): void;
  /** Fires with every try to write: whether the audit took the rows. */
  readonly onDidTryToWrite: Event<boolean>;
  /** Oldest first: the first `limit` rows behind `sinceSeq`; without it (or with 0) the newest `limit`. */
  listActions(query: { key?: string; limit: number; sinceSeq?: number }): Action[];
  /** Checks every row; `brokenSeq` is the first that is not as it was written. */
  verifyChain(): ChainCheck;
  /** Gives every action without an outcome the outcome `unknown`; returns how many. For the start, when nothing can be in flight. */
  endAbandoned(): number;
};

type Cell = string | number | null;
/** What of an action is still to be written. */
type Waiting = { row: Cell[] | null; ending: Cell[] | null };

/** A person does not do more while the disk is full; some hundred bytes each. */
const maxWaiting = 1_000;

const headCharacters = 200;

/** The audit of an open database. */
export function createActionStore(db: Database.Database, logger: Logger): ActionStore {
  const appendAudit = chainAppender(db, 'audit');
  const appendOutcome = chainAppender(db, 'audit_outcome');
  const ended = db.prepare<[string], { id: string }>('SELECT audit_id AS id FROM audit_outcome WHERE audit_id = ?');
  const listing = actionListing(db);
  const tried = new Emitter<boolean>();
  const waiting = new Map<ActionId, Waiting>();
  let isSoon = false;

  const write = (rows: () => void) => {
    try {
      durably(db, () => {
        for (const { row, ending } of waiting.values()) {
          if (row !== null) appendAudit(row);
          if (ending !== null) appendOutcome(ending);
        }
        rows();
      });
    } catch (error) {
      tried.fire(false);
      throw new CockpitError('audit-unavailable', `the audit cannot be written: ${messageOf(error)}`, { cause: error });
    }
    waiting.clear();
    tried.fire(true);
  };
  const wait = (id: ActionId, part: Partial<Waiting>) => {
    waiting.set(id, { row: null, ending: null, ...waiting.get(id), ...part });
  };
  const writeWaiting = () => {
    if (waiting.size > 0) write(() => undefined);
  };
  const writeSoon = () => {
    if (isSoon) return;
    isSoon = true;
    setImmediate(() => {
      isSoon = false;
      try {
        writeWaiting();
      } catch (error) {
        logger.warn('rows wait for the audit', { count: waiting.size, error: messageOf(error) });
      }
    });
  };

  return {
    onDidTryToWrite: tried.event,
    writeWaiting,
    beginAction(intent) {
      const row = rowOf(intent);
      write(() => { appendAudit(row); });
      return row[0];
    },
    endAction(id, outcome, reason) {
      if (ended.get(id) !== undefined || waiting.get(id)?.ending) throw new CockpitError('audit-ended-twice', `action ${id} has its outcome already`);
      const ending = endingOf(id, outcome, reason);
      try {
        write(() => { appendOutcome(ending); });
      } catch (error) {
        wait(id, { ending });
        logger.warn('an outcome waits for the audit', { action: id, outcome, error: messageOf(error) });
      }
    },
    noteAction(intent) {
      const { tool, host, session } = intent;
      if (waiting.size >= maxWaiting) {
        logger.error('an action has no audit row: too many wait already', { tool, host, session });
        return null;
      }
      const row = rowOf(intent);
      wait(row[0], { row });
      writeSoon();
      return row[0];
    },
    endNote(id, outcome, reason) {
      if (id === null) return;
      wait(id, { ending: endingOf(id, outcome, reason) });
      writeSoon();
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

function rowOf({ key, host, session, actor, tool, kind, detail, epoch, meta }: ActionIntent): [ActionId, ...Cell[]] {
  return [randomUUID(), now(), key, host, session, actor, tool, kind, JSON.stringify(describe(detail)), epoch, JSON.stringify(redactValue(meta ?? {}))];
}

function endingOf(id: ActionId, outcome: ActionOutcome, reason: string | null): Cell[] {
  return [id, outcome, reason === null ? null : redact(reason), now()];
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
