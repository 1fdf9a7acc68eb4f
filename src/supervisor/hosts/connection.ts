import { ConnectError, type Shell } from '../adapters/shell/shell.ts';
import type { Clock } from '../base/clock.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { messageOf } from '../base/errors.ts';
import { backoffDelayMs } from '../domain/backoff.ts';
import type { LinkState } from '../domain/facts.ts';

/** What a connection works with. */
export type ConnectionDeps = {
  shell: Shell;
  clock: Clock;
  /** 0 to 1; spreads the attempts of many hosts. */
  random: () => number;
  /** First work on a new connection; it is online when this resolves. The signal ends with the connection. */
  up: (signal: AbortSignal) => Promise<void>;
  /** The connection that was up, or coming up, is gone. */
  down: () => void;
  tell: (link: LinkState, error: string | null) => void;
};

/** A connection that held for this long starts the backoff anew. */
const steadyMs = 10_000;
/** A person has to act; each attempt in between is a failed login in somebody's log. */
const needsPersonRetryMs = 300_000;
const refusedRetryMs = 30_000;

/** Keeps a host's connection up: connects, notices the loss, tries again with jittered backoff (DISC-7). */
export class Connection implements Disposable {
  readonly #deps: ConnectionDeps;
  readonly #store = new DisposableStore();
  #life: AbortController | null = null;
  #retry: Disposable | null = null;
  #attempt = 0;
  #onlineSinceMs: number | null = null;

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
    this.#store.add(deps.shell.onDidClose((error) => {
      this.#fail(this.#life, error);
    }));
  }

  /** Connects at once unless it is connected or about to be. */
  connectNow(): void {
    if (this.#store.isDisposed || this.#life !== null) return;
    this.#deps.tell('connecting', null);
    this.#connect();
  }

  dispose(): void {
    this.#store.dispose();
    this.#retry?.dispose();
    this.#end();
  }

  #connect(): void {
    const { shell, clock, up } = this.#deps;
    this.#retry?.dispose();
    const life = new AbortController();
    this.#life = life;
    shell
      .connect(life.signal)
      .then(() => up(life.signal))
      .then(
        () => {
          if (this.#life === life) this.#onlineSinceMs = clock.nowMs();
        },
        (error: unknown) => {
          this.#fail(life, error);
        },
      );
  }

  #fail(life: AbortController | null, error: unknown): void {
    if (life === null || this.#life !== life) return;
    const { clock, random, tell } = this.#deps;
    if (this.#onlineSinceMs !== null && clock.nowMs() - this.#onlineSinceMs > steadyMs) this.#attempt = 0;
    this.#end();
    const kind = error instanceof ConnectError ? error.kind : 'failed';
    tell(kind === 'needs-login' || kind === 'host-key' ? 'needs-login' : 'offline', oneLine(messageOf(error)));
    this.#retry = clock.after(retryDelayMs(kind, this.#attempt, random), () => {
      this.#connect();
    });
    this.#attempt += 1;
  }

  #end(): void {
    const life = this.#life;
    if (life === null) return;
    this.#life = null;
    this.#onlineSinceMs = null;
    life.abort(new ConnectError('lost', 'the connection is gone'));
    this.#deps.down();
  }
}

function retryDelayMs(kind: ConnectError['kind'], attempt: number, random: () => number): number {
  switch (kind) {
    case 'needs-login':
    case 'host-key':
      return needsPersonRetryMs;
    case 'auth':
    case 'unknown-alias':
      return refusedRetryMs;
    case 'unreachable':
    case 'lost':
    case 'failed':
      return backoffDelayMs(attempt, random);
  }
}

function oneLine(message: string): string {
  return message.trim().replace(/\s*\n\s*/g, ' ').slice(0, 300);
}
