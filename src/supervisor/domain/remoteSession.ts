import type { PaneId, SessionId, WindowId } from './ids.ts';

/** One life of a tmux server: a restart changes it, so that no write of the old life lands in the new one (DISC-5, OWN-3). */
export type TmuxServer = { pid: number; /** seconds since the epoch, tmux `#{start_time}` */ startTime: number };

/** The options that cockpit keeps on a remote session, as read from tmux. */
export type OwnershipMark = {
  /** `agent:INSTALL`, `human:INSTALL`, or '' where no cockpit was here yet. */
  owner: string;
  epoch: number;
  /** Name of the cockpit that supervises the session, or ''. */
  supervisor: string;
  /** The present claim was made by a key that somebody typed at the remote (`claim_on_any_key`). */
  typed?: boolean;
};

/** What tmux says of one session: labels, the control target (DISC-9) and the ownership mark. */
export type ObservedSession = {
  id: SessionId;
  name: string;
  /** Seconds since the epoch. */
  created: number;
  attached: number;
  windowId: WindowId;
  paneId: PaneId;
  paneTitle: string;
  /** tmux `#{pane_current_command}`. */
  paneCommand: string;
  paneDead: boolean;
  width: number;
  height: number;
  mark: OwnershipMark;
};

/** States of a remote session (STATE-1). */
export const sessionStates = ['working', 'needs-input', 'idle', 'out-of-tokens', 'auth-needed', 'error', 'shell', 'offline', 'unknown'] as const;
export type SessionState = (typeof sessionStates)[number];

/** One reason for a state: which source says so, what it says, the raw value, and when it was read (monotonic ms). */
export type Evidence = { source: 'title' | 'screen' | 'command' | 'link'; says: SessionState; value: string; atMs: number };
