import type { ActionStore } from '../adapters/store/actions.ts';

/** End of the writes so far, by supervisor (which has one audit) and session. */
const ends = new WeakMap<ActionStore, Map<string, Promise<void>>>();

/** Runs the writes into one session one after another, whoever asks, so that two calls never mix their steps. */
export function inTurn<T>(actions: ActionStore, key: string, run: () => Promise<T>): Promise<T> {
  const bySession = ends.get(actions) ?? new Map<string, Promise<void>>();
  ends.set(actions, bySession);
  const turn = (bySession.get(key) ?? Promise.resolve()).then(run);
  const end = turn.then(ignore, ignore).then(() => {
    if (bySession.get(key) === end) bySession.delete(key);
  });
  bySession.set(key, end);
  return turn;
}

/** The caller gets the result; the next one only waits for the end. */
function ignore(): void {
  return undefined;
}
