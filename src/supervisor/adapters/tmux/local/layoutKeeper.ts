import type { Clock } from '../../../base/clock.ts';
import { DisposableStore, type Disposable } from '../../../base/disposable.ts';
import { messageOf } from '../../../base/errors.ts';
import type { Logger } from '../../../base/logger.ts';
import { parseSeen, seenFormat, type SeenSession, type SessionPlan } from './layout.ts';
import { reconcileOnce } from './reconcile.ts';
import { RespawnPacer } from './respawnPacer.ts';
import type { TmuxServerProcess } from './tmuxServerProcess.ts';

const netMs = 2_000;
const coalesceMs = 30;
/** Creating, splitting, taking away, ordering: more steps than these mean that something works against us. */
const maxSteps = 8;

/** What is on the server when the plan is met: `repaired` if panes or windows were just made, started or ended, and the `stamp` from before it was read. */
export type Met = { seen: SeenSession[]; repaired: boolean; stamp: number };
/** What a keeper keeps: the plan as it is now, and what else has to hold when the plan is met. */
export type Kept = { plan: () => SessionPlan[]; settle: (met: Met) => Promise<void>; stamp?: () => number };

/** Keeps a tmux server in the form of a plan: at once after `sync`, soon after any notification or death of the server, and every 2 s. */
export class LayoutKeeper implements Disposable {
  readonly #server: TmuxServerProcess;
  readonly #kept: Kept;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #pacer: RespawnPacer;
  readonly #resources = new DisposableStore();
  #started = false;
  #poke: Disposable | null = null;
  #running: Promise<void> | null = null;
  #queued: Promise<void> | null = null;
  #lastError = '';

  constructor(server: TmuxServerProcess, kept: Kept, deps: { clock: Clock; logger: Logger }) {
    this.#server = server;
    this.#kept = kept;
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#pacer = new RespawnPacer(deps.clock);
  }

  /** Brings the server into the form of the plan; rejects if that cannot be done now (it is tried again by itself). */
  sync(): Promise<void> {
    this.#start();
    if (!this.#running) {
      this.#running = this.#reconcile().finally(() => {
        this.#running = null;
      });
      return this.#running;
    }
    // The run under way may have read an older plan, so one more follows it; all callers until then share it.
    this.#queued ??= this.#running
      .catch(() => undefined) // its own caller hears of it
      .then(() => {
        this.#queued = null;
        return this.sync();
      });
    return this.#queued;
  }

  /** Looks after the layout soon; many calls are one. */
  poke(): void {
    if (this.#poke || this.#resources.isDisposed) return;
    this.#poke = this.#clock.after(coalesceMs, () => {
      this.#poke = null;
      this.tend();
    });
  }

  /** Looks after the layout now, in the background: an error is told once, and the net tries again. */
  tend(): void {
    if (this.#resources.isDisposed) return;
    this.sync().then(
      () => {
        this.#lastError = '';
      },
      (error: unknown) => {
        const message = messageOf(error);
        if (message !== this.#lastError && !this.#resources.isDisposed) this.#logger.warn('the layout could not be kept', { server: this.#server.socket, error: message });
        this.#lastError = message;
      },
    );
  }

  dispose(): void {
    this.#poke?.dispose();
    this.#resources.dispose();
  }

  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#resources.add(this.#clock.every(netMs, () => {
      this.tend();
    }));
    this.#resources.add(this.#server.onDidDie(() => {
      this.tend();
    }));
    this.#resources.add(
      this.#server.onNotification((event) => {
        if (event.kind !== 'output') this.poke();
      }),
    );
  }

  async #look(): Promise<SeenSession[]> {
    const [lines = []] = await this.#server.run([['list-panes', '-a', '-F', seenFormat]]);
    return parseSeen(lines);
  }

  async #reconcile(): Promise<void> {
    let repaired = false;
    for (let step = 0; step < maxSteps && !this.#resources.isDisposed; step += 1) {
      const stamp = this.#kept.stamp?.() ?? 0;
      const seen = await this.#look();
      const outcome = await reconcileOnce((commands) => this.#server.run(commands), this.#kept.plan(), seen, this.#pacer);
      if (outcome === 'met') {
        await this.#kept.settle({ seen, repaired, stamp });
        return;
      }
      repaired ||= outcome === 'repaired';
    }
  }
}
