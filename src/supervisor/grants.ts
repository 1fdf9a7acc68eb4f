import { createHash } from 'node:crypto';
import type { Store } from './adapters/store/store.ts';
import type { SessionRef } from './domain/ids.ts';
import type { SessionPort } from './protocol/sessionTools.ts';

/** The ports behind bearer tokens: one per token, so that every reader has its own observed epoch (OWN-4). */
export class GrantPorts {
  readonly #store: Store;
  readonly #createPort: (ref: SessionRef, actor: string) => SessionPort;
  readonly #ports = new Map<string, SessionPort>();

  constructor(store: Store, createPort: (ref: SessionRef, actor: string) => SessionPort) {
    this.#store = store;
    this.#createPort = createPort;
  }

  /** The port of a token (by its SHA-256 in hex), or null for one that is wrong, expired or of an archived pairing. Asked at every request, so a revoked one ends at once. */
  resolve(tokenHash: string): SessionPort | null {
    const key = this.#store.sessionOfToken(tokenHash, new Date().toISOString());
    const pairing = key === null ? null : this.#store.pairings.get(key);
    if (!pairing || pairing.archivedAt !== null) {
      this.#ports.delete(tokenHash);
      return null;
    }
    const known = this.#ports.get(tokenHash);
    if (known) return known;
    const isAgent = createHash('sha256').update(pairing.mcpToken).digest('hex') === tokenHash;
    const port = this.#createPort({ alias: pairing.alias, id: pairing.sessionId }, isAgent ? 'agent' : 'grant');
    this.#ports.set(tokenHash, port);
    return port;
  }
}
