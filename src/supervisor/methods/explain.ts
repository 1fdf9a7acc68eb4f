import type { RemoteSession } from '../domain/fleet.ts';
import type { SessionState } from '../domain/remoteSession.ts';

/** Why a session has its state: the evidence with its age, and which of it speaks against the state. */
export function explain(session: RemoteSession, nowMs: number): { state: SessionState; evidence: { source: string; says: SessionState; value: string; ageMs: number }[]; conflicts: string[] } {
  const evidence = session.evidence.map(({ source, says, value, atMs }) => ({ source, says, value, ageMs: Math.max(0, Math.round(nowMs - atMs)) }));
  const conflicts = evidence.filter((row) => row.says !== session.state).map((row) => `${row.source} says ${row.says}, the session counts as ${session.state}`);
  return { state: session.state, evidence, conflicts };
}
