import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type Database from 'better-sqlite3';

/** Tokens that open the tools of one session: of its own agent (kept in the pairing) and those made by `cockpit grant` (only hashes are kept). */
export type Grants = {
  /** Makes a token for a session. `expiresAtIso` is wall-clock time, because a grant outlives the process. */
  createGrant(key: string, expiresAtIso: string): { token: string };
  /** Ends every grant at once. */
  revokeGrants(): void;
  /** The session key that a token (by its SHA-256 in hex) opens, or null for one that is unknown, expired, or of an archived pairing. */
  sessionOfToken(tokenHash: string, nowIso: string): string | null;
};

/** A new bearer token: 256 random bits, URL-safe. */
export function createToken(): string {
  return randomBytes(32).toString('base64url');
}

/** The grants of an open database. */
export function createGrants(db: Database.Database): Grants {
  const insert = db.prepare<[string, string, string]>('INSERT INTO grant_token (hash, key, expires_at) VALUES (?, ?, ?)');
  const removeAll = db.prepare<[]>('DELETE FROM grant_token');
  const removeExpired = db.prepare<[string]>('DELETE FROM grant_token WHERE expires_at <= ?');
  const find = db.prepare<[string, string], { key: string }>('SELECT key FROM grant_token WHERE hash = ? AND expires_at > ?');
  const agents = db.prepare<[], { key: string; token: string }>('SELECT key, mcp_token AS token FROM pairing WHERE archived_at IS NULL');
  return {
    createGrant(key, expiresAtIso) {
      const token = createToken();
      removeExpired.run(new Date().toISOString());
      insert.run(hashOf(token).toString('hex'), key, expiresAtIso);
      return { token };
    },
    revokeGrants: () => void removeAll.run(),
    sessionOfToken(tokenHash, nowIso) {
      const hash = Buffer.from(tokenHash, 'hex');
      const granted = find.get(tokenHash, nowIso);
      if (granted !== undefined) return granted.key;
      // Hashes are compared, in constant time, so that the time of an answer tells nothing about a token.
      return agents.all().find((agent) => hash.length === 32 && timingSafeEqual(hashOf(agent.token), hash))?.key ?? null;
    },
  };
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
