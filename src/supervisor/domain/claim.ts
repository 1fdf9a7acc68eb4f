import type { RemoteSession } from './fleet.ts';

/** A claim without a key for so long is called forgotten (OWN-10). */
export const forgottenAfterMs = 15 * 60_000;

/** Age of the human's claim in ms; null when the human does not own the session. */
export function claimAgeMs({ ownership }: RemoteSession, nowMs: number): number | null {
  return ownership.kind === 'ours' && ownership.owner === 'human' ? Math.max(0, Math.round(nowMs - ownership.sinceMs)) : null;
}

/** How long the human who owns the session has pressed no key in it, in ms; null when the human does not own it. */
export function claimIdleMs(session: RemoteSession, nowMs: number): number | null {
  const ageMs = claimAgeMs(session, nowMs);
  if (ageMs === null || session.usedAtMs === null) return ageMs;
  return Math.max(0, Math.min(ageMs, Math.round(nowMs - session.usedAtMs)));
}

/** Whether the session should say that its claim was forgotten. */
export function isForgotten(session: RemoteSession, nowMs: number): boolean {
  return (claimIdleMs(session, nowMs) ?? 0) >= forgottenAfterMs;
}

/** Whether the claim is to be released by itself; `timeoutMs` null is never. */
export function isTimedOut(session: RemoteSession, timeoutMs: number | null, nowMs: number): boolean {
  const idleMs = claimIdleMs(session, nowMs);
  return timeoutMs !== null && idleMs !== null && idleMs >= timeoutMs;
}
