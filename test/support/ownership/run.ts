import type { GuardReply } from '../../../src/supervisor/adapters/tmux/guard.ts';
import type { MarkReply } from '../../../src/supervisor/adapters/tmux/mark.ts';
import { TmuxError } from '../../../src/supervisor/adapters/tmux/command.ts';
import { isPaneId, type PaneId, type SessionId } from '../../../src/supervisor/domain/ids.ts';
import type { ActorName } from './schedule.ts';

/** A write as its agent sent it, and what tmux said of it. */
export type Written = {
  id: number;
  bytes: Buffer;
  owner: string;
  epoch: number;
  pane: PaneId;
  /** The session was known to be gone when it was sent. */
  tooLate: boolean;
  outcome: GuardReply | { kind: 'unknown' };
};

/** What an agent saw when it looked. */
export type Seen = MarkReply & { paneId: PaneId };

/** One session while its schedule runs. */
export type Run = {
  name: string;
  id: SessionId;
  panes: { id: PaneId; log: string }[];
  written: Written[];
  seen: Map<ActorName, Seen>;
  /** Epochs in the order in which one actor was told of them. */
  told: Map<ActorName, number[]>;
  isKnownGone: boolean;
  /** Panes whose program was, or may have been, ended. */
  ended: Set<PaneId>;
  pending: Promise<void>[];
  /** The third person's last deed: the next one waits for it, because tmux up to 3.6 crashes on `select-window` and `kill-session` in one go (tmux issue 5243). */
  person: Promise<unknown>;
};

/** A session after its schedule: as tmux has it (null: gone), and each pane's log. */
export type Ending = {
  epoch: number | null;
  panes: { id: PaneId; log: Buffer; /** gone, dead, or swallowing its input */ state: 'live' | 'off' | 'ended' }[];
};

/** The panes that the session started with. */
export const idsOf = (run: Run): PaneId[] => run.panes.map((pane) => pane.id);
/** One of them by a number of the schedule. */
export const paneAt = (run: Run, at: number): PaneId => paneOf(run.panes[at % run.panes.length]?.id ?? '');

/** The id itself, or a throw as tmux would. */
export function paneOf(id: string): PaneId {
  if (!isPaneId(id)) throw new TmuxError('failed', `no such pane: ${JSON.stringify(id)}`);
  return id;
}
