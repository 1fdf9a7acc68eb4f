/** The schema, one step per `user_version`. A step that was released is never changed; a new one is added behind it. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  CREATE TABLE pairing (
    key TEXT PRIMARY KEY,
    alias TEXT NOT NULL,
    session_id TEXT NOT NULL,
    name TEXT NOT NULL,
    thread_id TEXT,
    mcp_token TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL,
    archived_at TEXT,
    server_pid INTEGER NOT NULL,
    server_start_time INTEGER NOT NULL,
    last_epoch INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE grant_token (hash TEXT PRIMARY KEY, key TEXT NOT NULL, expires_at TEXT NOT NULL) STRICT;

  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    key TEXT NOT NULL,
    host TEXT NOT NULL,
    session TEXT NOT NULL,
    actor TEXT NOT NULL,
    tool TEXT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    epoch INTEGER,
    meta TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_by_key ON audit (key, seq);

  CREATE TABLE audit_outcome (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    audit_id TEXT NOT NULL UNIQUE REFERENCES audit (id),
    outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'refused', 'partial', 'unknown')),
    reason TEXT,
    at TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;

  CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
  CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
  CREATE TRIGGER audit_outcome_no_update BEFORE UPDATE ON audit_outcome BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
  CREATE TRIGGER audit_outcome_no_delete BEFORE DELETE ON audit_outcome BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END;
  `,
];
