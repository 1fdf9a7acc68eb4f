import type Database from 'better-sqlite3';
import { CockpitError } from '../../base/errors.ts';
import { isSessionId, type SessionId } from '../../domain/ids.ts';
import { durably } from './database.ts';
import { createToken } from './grants.ts';

/** Remote session ↔ agent, as it outlives the supervisor. */
export type Pairing = {
  /** Session key. */
  key: string;
  alias: string;
  sessionId: SessionId;
  name: string;
  threadId: string | null;
  /** In clear, because app-servers that hold it outlive the supervisor; state.db is 0600. */
  mcpToken: string;
  /** ISO-8601. */
  createdAt: string;
  /** ISO-8601; null while the remote session exists. */
  archivedAt: string | null;
  /** The tmux server that the session was last seen at. */
  serverPid: number;
  serverStartTime: number;
  /** Highest epoch that was ever read or set. */
  lastEpoch: number;
};

export type Pairings = {
  /** Makes or replaces a pairing; `lastEpoch` never goes back. */
  upsert(pairing: Pairing): void;
  get(key: string): Pairing | null;
  /** By alias and age; archived ones only if asked for. */
  list(options?: { includeArchived?: boolean }): Pairing[];
  archive(key: string, atIso: string): void;
  setThread(key: string, threadId: string | null): void;
  /** Gives every pairing another token: what held the old ones has to be started anew. */
  renewTokens(): void;
  /** Durable; forward only, a lower epoch changes nothing. Returns the one that is now recorded. */
  recordEpoch(key: string, epoch: number): number;
};

type Row = Omit<Pairing, 'sessionId'> & { sessionId: string };

const columns = `key, alias, session_id AS sessionId, name, thread_id AS threadId, mcp_token AS mcpToken, created_at AS createdAt,
  archived_at AS archivedAt, server_pid AS serverPid, server_start_time AS serverStartTime, last_epoch AS lastEpoch`;

/** The pairings of an open database. */
export function createPairings(db: Database.Database): Pairings {
  const select = db.prepare<[string], Row>(`SELECT ${columns} FROM pairing WHERE key = ?`);
  const all = db.prepare<[number], Row>(`SELECT ${columns} FROM pairing WHERE ? OR archived_at IS NULL ORDER BY alias, created_at, key`);
  const upsert = db.prepare<Pairing>(`INSERT INTO pairing
    VALUES (@key, @alias, @sessionId, @name, @threadId, @mcpToken, @createdAt, @archivedAt, @serverPid, @serverStartTime, @lastEpoch)
    ON CONFLICT (key) DO UPDATE SET alias = @alias, session_id = @sessionId, name = @name, thread_id = @threadId, mcp_token = @mcpToken, created_at = @createdAt,
      archived_at = @archivedAt, server_pid = @serverPid, server_start_time = @serverStartTime, last_epoch = max(last_epoch, @lastEpoch)`);
  const archive = db.prepare<[string, string]>('UPDATE pairing SET archived_at = ? WHERE key = ?');
  const setThread = db.prepare<[string | null, string]>('UPDATE pairing SET thread_id = ? WHERE key = ?');
  const setToken = db.prepare<[string, string]>('UPDATE pairing SET mcp_token = ? WHERE key = ?');
  const keys = db.prepare<[], { key: string }>('SELECT key FROM pairing');
  const forward = db.prepare<[number, string], { lastEpoch: number }>('UPDATE pairing SET last_epoch = max(last_epoch, ?) WHERE key = ? RETURNING last_epoch AS lastEpoch');

  const found = (changes: number, key: string) => {
    if (changes === 0) throw unknownPairing(key);
  };
  return {
    upsert: (pairing) => void upsert.run(pairing),
    get(key) {
      const row = select.get(key);
      return row === undefined ? null : toPairing(row);
    },
    list: ({ includeArchived = false } = {}) => all.all(includeArchived ? 1 : 0).map(toPairing),
    archive(key, atIso) {
      found(archive.run(atIso, key).changes, key);
    },
    setThread(key, threadId) {
      found(setThread.run(threadId, key).changes, key);
    },
    renewTokens() {
      durably(db, () => {
        for (const { key } of keys.all()) setToken.run(createToken(), key);
      });
    },
    recordEpoch(key, epoch) {
      const row = durably(db, () => forward.get(epoch, key));
      if (row === undefined) throw unknownPairing(key);
      return row.lastEpoch;
    },
  };
}

function toPairing(row: Row): Pairing {
  const { sessionId } = row;
  if (!isSessionId(sessionId)) throw new CockpitError('pairing-malformed', `the stored pairing ${row.key} has the session id ${JSON.stringify(sessionId)}`);
  return { ...row, sessionId };
}

function unknownPairing(key: string): CockpitError {
  return new CockpitError('no-pairing', `there is no pairing ${key}`);
}
