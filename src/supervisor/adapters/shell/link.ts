import type { Disposable } from '../../base/disposable.ts';
import type { Event } from '../../base/event.ts';
import type { RawProcess } from './rawProcess.ts';
import { ConnectError } from './shell.ts';

/** One authenticated connection to a host, which carries several channels. */
export type Link = Disposable & {
  /** Starts the constant remote command `exec sh`. Rejects with a `ConnectError`, `ChannelRefused` among them. */
  startSh(): Promise<RawProcess>;
  /** Why an `sh` that `startSh` gave ended before it ran anything. */
  explainEnd(exitCode: number | null, stderr: string): Promise<ConnectError>;
  /** Asks the connection itself, so it is right even before `onDidClose` was heard. */
  isAlive(): Promise<boolean>;
  /** Sends SIGHUP to the process group of a channel whose program does not end at the end of its input. */
  hangUp(pid: number): Promise<void>;
  /** The connection is gone; not fired for `dispose`. */
  readonly onDidClose: Event<ConnectError>;
};

/** Makes the connections of one host. */
export type Dialer = {
  /** For messages. */
  readonly name: string;
  /** How many control channels connection `index` may carry; the rest of sshd's `MaxSessions` (10) is for viewers. */
  slots(index: number): number;
  /** Opens connection `index`, or finds it still open. Rejects with a `ConnectError`. */
  dial(index: number, signal: AbortSignal): Promise<Link>;
  attachArgv(remoteCommand: string, lane: number): string[];
  /** sh commands that run before every script. */
  readonly prelude: string;
};

/** The server takes no further channel on this connection; another connection may help. */
export class ChannelRefused extends ConnectError {
  constructor(name: string) {
    super('failed', `${name}: sshd allows no further session on this connection (MaxSessions)`);
  }
}

/** Runs `kill` for a remote process group; a non-session-leader (behind a ForceCommand) is met alone. */
export function hangUpScript(pid: number): string {
  return `kill -s HUP -- -${pid} 2>/dev/null || kill -s HUP ${pid} 2>/dev/null\n`;
}
