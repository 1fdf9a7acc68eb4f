import type { AccountView, SessionView } from './statusView.ts';

/** What an account is good for, in words. */
export function accountStateWords({ state, exhaustedUntil }: Pick<AccountView, 'state' | 'exhaustedUntil'>): string {
  if (state === 'logged-out') return 'not logged in';
  return exhaustedUntil === null ? state : `used up until ${localTime(exhaustedUntil)}`;
}

/** One usage window: `5h 40 % (resets …)` (ACCT-7). */
export function limitWords({ label, usedPercent, resetsAt }: AccountView['limits'][number]): string {
  return `${label} ${Math.round(usedPercent)} %${resetsAt === null ? '' : ` (resets ${localTime(resetsAt)})`}`;
}

/** Why a session is not moved to another account yet, or '' (ACCT-4, ACCT-6). */
export function rotationWords({ pendingRotation, accountHold }: Pick<SessionView, 'pendingRotation' | 'accountHold'>): string {
  const waits = pendingRotation === null ? [] : [`rotation from ${pendingRotation.from}: no account is ready, try ${pendingRotation.attempts + 1} at ${localTime(pendingRotation.nextTryAt)}`];
  return [...waits, ...(accountHold === null ? [] : [`held: ${accountHold}`])].join('  ');
}

/** A moment as the person's clock shows it, to the minute. */
function localTime(iso: string): string {
  const at = new Date(iso);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
