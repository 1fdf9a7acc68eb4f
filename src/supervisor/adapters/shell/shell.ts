import type { Readable, Writable } from 'node:stream';
import type { Disposable } from '../../base/disposable.ts';
import type { Event } from '../../base/event.ts';

/** How a channel's remote process ended: its exit code, or null when a signal or a lost link ended it. */
export type ChannelExit = { exitCode: number | null; stderr: string };

/** A running remote process. Its stdout starts behind the ready marker, so a noisy login shell is never seen. */
export type Channel = Disposable & {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves once when the process has ended or the link is gone; never rejects. */
  readonly exited: Promise<ChannelExit>;
};

export type RunResult = { exitCode: number | null; stdout: Buffer; stderr: string };

/**
 * One host's POSIX shell. The remote command line is the constant `exec sh`; scripts go in through stdin, so no user data is ever in it.
 * A script is POSIX sh; put data into it with `quote`.
 */
export type Shell = Disposable & {
  /** Connects (for openssh: makes the ControlMaster). Rejects with a `ConnectError`. Safe to call again. */
  connect(signal?: AbortSignal): Promise<void>;
  /** Starts a script that ends in `exec …`; resolves when it runs, and stdin then belongs to what it exec'ed. Rejects with a `ConnectError`. */
  open(script: string, signal?: AbortSignal): Promise<Channel>;
  /** Runs a script to its end. `input` (at most some MB) is what the script can read on stdin. Rejects with a `ConnectError` if the link goes. */
  run(script: string, options?: { input?: Buffer; signal?: AbortSignal; timeoutMs?: number }): Promise<RunResult>;
  /** argv for a terminal (of the viewer) that shows `remoteCommand` with a pty. `lane` counts from 0; lanes past a connection's channel limit get a further connection. */
  attachArgv(remoteCommand: string, lane: number): string[];
  /** The established link is gone (not fired for `dispose`). */
  readonly onDidClose: Event<ConnectError>;
};

/** Why a host cannot be reached. `needs-login` and `host-key` need a person (DISC-12); `message` is one line for a person, with what to do. */
export type ConnectErrorKind = 'unreachable' | 'auth' | 'needs-login' | 'host-key' | 'unknown-alias' | 'lost' | 'failed';
export class ConnectError extends Error {
  readonly kind: ConnectErrorKind;

  constructor(kind: ConnectErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ConnectError';
    this.kind = kind;
  }
}

/** Quotes words for a POSIX sh script. */
export function quote(...words: string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
