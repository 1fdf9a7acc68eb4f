import type { SessionRef } from './ids.ts';
import type { OwnershipMark, TmuxServer } from './remoteSession.ts';

/** Who may write into a remote session. */
export type Owner = 'human' | 'agent';

/** What a writer must hold at the moment of the write; compared by the remote tmux server itself (OWN-3, OWN-5). */
export type Fence = { server: TmuxServer; /** `agent:INSTALL`; `human:INSTALL` for what the operator asked for while they own it */ owner: string; epoch: number };

/** Ownership of one session as this cockpit last read it from the remote. */
export type Ownership =
  | { kind: 'unread' }
  | { kind: 'ours'; owner: Owner; epoch: number; server: TmuxServer; /** monotonic ms of the last change of owner */ sinceMs: number }
  | { kind: 'foreign'; supervisor: string; epoch: number };

/** Whether the human owns the session because somebody typed a key at the remote: it stays theirs until they give it back, whichever session is on view. */
export function isTypedClaim({ ownership, observed }: { ownership: Ownership; observed: { mark: OwnershipMark } }): boolean {
  return ownership.kind === 'ours' && ownership.owner === 'human' && observed.mark.typed === true;
}

/** How a guarded write ended. */
export type WriteOutcome =
  | { kind: 'accepted'; leftCopyMode: boolean }
  | { kind: 'refused'; reason: RefusalReason; epoch: number | null }
  /** Text went in, Enter was refused. */
  | { kind: 'partial'; reason: RefusalReason; epoch: number | null }
  /** The link broke before tmux answered. */
  | { kind: 'unknown'; cause: string };

export const refusalReasons = [
  'human-owns',
  'foreign-owner',
  'stale-epoch',
  'server-restarted',
  'pane-synchronized',
  'pane-dead',
  'pane-not-active',
  'session-gone',
  'ownership-unread',
  'audit-unavailable',
  'link-down',
  'tmux-too-old',
  'composer-occupied',
  'needs-person',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** One sentence for the agent: why the write was refused and what to do. `claimAgeMs` is the age of the human's claim. */
export function explainRefusal(ref: SessionRef, reason: RefusalReason, claimAgeMs: number | null): string {
  const where = `${ref.alias}/${ref.id}`;
  const age = claimAgeMs === null ? '' : ` since ${Math.round(claimAgeMs / 1000)} s`;
  switch (reason) {
    case 'human-owns':
      return `Refused: the operator owns ${where}${age}. Nothing was typed or queued. Do not retry; call wait_for_change or end your turn.`;
    case 'foreign-owner':
      return `Refused: another cockpit supervises ${where}. Nothing was typed. Do not retry.`;
    case 'stale-epoch':
      return `Refused: the ownership of ${where} changed since you last read it. Call session_status or capture_snapshot, look again, then decide.`;
    case 'server-restarted':
      return `Refused: the tmux server of ${where} was restarted since you last read it. Call session_status before you act.`;
    case 'pane-synchronized':
      return `Refused: synchronize-panes is on in ${where}, so the text would reach other panes too. The operator has to turn it off.`;
    case 'pane-dead':
      return `Refused: the program in ${where} has ended (dead pane). The operator has to respawn it.`;
    case 'pane-not-active':
      return `Refused: another pane of ${where} became the active one. Call capture_snapshot and look at it first.`;
    case 'session-gone':
      return `Refused: ${where} no longer exists.`;
    case 'ownership-unread':
      return `Refused: who owns ${where} is not known yet. Call session_status in a few seconds.`;
    case 'audit-unavailable':
      return `Refused: the audit log of cockpit cannot be written (disk full?), so agents may not write. The operator sees the same message.`;
    case 'link-down':
      return `Refused: the connection to ${where} is down. It comes back by itself; call wait_for_change.`;
    case 'composer-occupied':
      return `Refused: the composer of ${where} holds text that cockpit did not put there, so somebody is writing it. Nothing was typed. Do not clear or submit it; call wait_for_change or end your turn.`;
    case 'needs-person':
      return `Refused: this approval in ${where} is for the operator to decide. Nothing was typed. Do not answer it in another way; say in one sentence what waits, and end your turn.`;
    case 'tmux-too-old':
      return `Refused: the tmux of ${where} is older than 3.2, so cockpit can only watch it; nothing was typed. Do not retry; the operator has to install tmux 3.2 or newer on ${ref.alias}.`;
  }
}
