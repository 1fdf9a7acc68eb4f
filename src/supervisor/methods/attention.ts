import { allSessions, type RemoteSession } from '../domain/fleet.ts';
import { needsPerson } from '../domain/selection.ts';
import type { Supervisor } from '../supervisor.ts';

/** Lets exactly one of several windows tell the person about a need of a session (VSC-6). */
export class AttentionClaims {
  /** Session key → the state that was told of. */
  readonly #told = new Map<string, string>();

  constructor(supervisor: Supervisor) {
    supervisor.onDidChange(({ fleet }) => {
      if (this.#told.size === 0) return;
      const states = new Map(allSessions(fleet).map(({ session }) => [session.key, session.state]));
      for (const [key, state] of this.#told) if (states.get(key) !== state) this.#told.delete(key);
    });
  }

  /** Whether the caller is the first to tell of the session's present need. */
  claim(session: Pick<RemoteSession, 'key' | 'state'>): boolean {
    if (!needsPerson(session) || this.#told.get(session.key) === session.state) return false;
    this.#told.set(session.key, session.state);
    return true;
  }
}
