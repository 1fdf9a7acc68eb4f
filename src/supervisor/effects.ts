import type { MarkReply } from './adapters/tmux/guard.ts';
import { adoptCommand, claimCommand, releaseCommand } from './adapters/tmux/guard.ts';
import type { TmuxCommand } from './adapters/tmux/command.ts';
import { quote } from './adapters/shell/shell.ts';
import { socketArgs } from './adapters/tmux/tmuxSocket.ts';
import { systemClock, type Clock } from './base/clock.ts';
import type { Disposable } from './base/disposable.ts';
import { CockpitError, codeOf, messageOf } from './base/errors.ts';
import type { Logger } from './base/logger.ts';
import { assertNever } from './base/assertNever.ts';
import type { Fact } from './domain/facts.ts';
import type { SessionRef } from './domain/ids.ts';
import { isSessionId, sessionKey } from './domain/ids.ts';
import type { Effect } from './domain/reduce.ts';
import type { HostLink } from './hosts/hostLink.ts';
import { noted, type Notes } from './noted.ts';

/** What effects are run with. */
export type EffectDeps = {
  install: string;
  /** Name of this cockpit, as other ones see it. */
  supervisorName: string;
  link(alias: string): HostLink | undefined;
  observe(fact: Fact): void;
  /** A failed effect may be tried again now: what is still wanted is to be asked for. */
  askAgain?(): void;
  /** Highest epoch that this cockpit ever saw of a session (OWN-3). */
  lastEpoch: (key: string) => number;
  recordEpoch(key: string, epoch: number): void;
  notes: Notes;
  logger: Logger;
  /** Default the machine's. */
  clock?: Clock;
};

/** An effect that failed is held back for so long, twice as long each further time. */
const firstHoldMs = 2_000;
const longestHoldMs = 30_000;

type MarkEffect = Extract<Effect, { ref: SessionRef }>;

/** Who acts and what it is called in the audit; `adopt` and `release` are commands of a person there. */
const wordsOf = {
  claim: { actor: 'human', tool: 'claim' },
  release: { actor: 'human', tool: 'give-back' },
  adopt: { actor: 'supervisor', tool: 'supervise' },
} as const;

type Hold = { alias: string; holdMs: number; isOver: boolean; timer: Disposable };

/** Runs what the domain asked for; what comes of it returns as a fact. One request per session is in flight: the next fact asks again if it is still wanted. */
export class EffectRunner {
  readonly #deps: EffectDeps;
  readonly #clock: Clock;
  readonly #inFlight = new Set<string>();
  /** By kind and name: a person's claim does not wait because something else failed. */
  readonly #holds = new Map<string, Hold>();

  constructor(deps: EffectDeps) {
    this.#deps = deps;
    this.#clock = deps.clock ?? systemClock;
  }

  run(effect: Effect): void {
    const name = effect.kind === 'create-main' ? effect.alias : sessionKey(effect.ref);
    if (this.#inFlight.has(name) || this.#holds.get(holdName(effect, name))?.isOver === false) return;
    this.#inFlight.add(name);
    void this.#runNow(effect, name);
  }

  /** The host's link is another or in another state: what failed over the old one may work now. */
  linkChanged(alias: string): void {
    for (const [held, hold] of this.#holds) if (hold.alias === alias) this.#release(held);
  }

  async #runNow(effect: Effect, name: string): Promise<void> {
    let fact: Fact | null;
    try {
      fact = await this.#perform(effect);
    } catch (error) {
      this.#hold(effect, name);
      this.#deps.logger.warn(`${effect.kind} failed`, { name, error: messageOf(error) });
      if (effect.kind === 'create-main' && codeOf(error) === 'tmux-refused') this.#deps.observe({ kind: 'main-failed', alias: effect.alias, why: messageOf(error) });
      return;
    } finally {
      // Free before the fact is told: what it leads to may ask for this session again at once.
      this.#inFlight.delete(name);
    }
    this.#release(holdName(effect, name));
    if (fact) this.#deps.observe(fact);
  }

  #hold(effect: Effect, name: string): void {
    const held = holdName(effect, name);
    const before = this.#holds.get(held);
    const holdMs = before ? Math.min(before.holdMs * 2, longestHoldMs) : firstHoldMs;
    const hold: Hold = {
      alias: effect.kind === 'create-main' ? effect.alias : effect.ref.alias,
      holdMs,
      isOver: false,
      timer: this.#clock.after(holdMs, () => {
        hold.isOver = true;
        this.#deps.askAgain?.();
      }),
    };
    this.#holds.set(held, hold);
  }

  #release(held: string): void {
    this.#holds.get(held)?.timer.dispose();
    this.#holds.delete(held);
  }

  #perform(effect: Effect): Promise<Fact | null> {
    const { install, supervisorName, lastEpoch } = this.#deps;
    switch (effect.kind) {
      case 'adopt':
        return this.#mark(effect, adoptCommand(effect.ref.id, install, supervisorName, lastEpoch(sessionKey(effect.ref))));
      case 'claim':
        return this.#mark(effect, claimCommand(effect.ref.id, install, supervisorName));
      case 'release':
        return this.#mark(effect, releaseCommand(effect.ref.id, install, supervisorName));
      case 'create-main':
        return this.#createMain(effect.alias);
      default:
        return assertNever(effect);
    }
  }

  async #mark({ kind, ref }: MarkEffect, command: TmuxCommand<MarkReply>): Promise<Fact | null> {
    const link = this.#deps.link(ref.alias);
    if (!link?.isOnline) return null;
    const { install, notes } = this.#deps;
    const intent = { key: sessionKey(ref), host: ref.alias, session: ref.id, ...wordsOf[kind], kind: 'ownership', detail: {}, epoch: null };
    const holder = `${kind === 'claim' ? 'human' : 'agent'}:${install}`;
    const { mark, server } = await noted(notes, intent, () => link.request(command), (reply) => (reply.mark.owner === holder ? null : 'foreign-owner'));
    try {
      this.#deps.recordEpoch(sessionKey(ref), mark.epoch);
    } catch (error) {
      // The remote has the epoch; a full disk must not lose the fact that it changed (OWN-8).
      this.#deps.logger.error('the epoch could not be recorded', { error: messageOf(error) });
    }
    return { kind: 'ownership', alias: ref.alias, id: ref.id, mark, server };
  }

  async #createMain(alias: string): Promise<null> {
    const link = this.#deps.link(alias);
    if (!link?.isOnline) return null;
    const words = ['tmux', ...socketArgs(link.host.tmuxSocket), 'new-session', '-d', '-P', '-F', '#{session_id}', '-s', 'cockpit-main'];
    const intent = { key: '', host: alias, session: 'cockpit-main', actor: 'supervisor', tool: 'create-main', kind: 'command', detail: {}, epoch: null };
    await noted(this.#deps.notes, intent, async () => {
      const made = await link.run(`exec ${quote(...words)}`);
      // Where it cannot make its socket tmux complains and exits with 0.
      if (!isSessionId(made.stdout.toString('utf8').trim())) throw new CockpitError('tmux-refused', `could not create cockpit-main: ${made.stderr.trim()}`);
    });
    await link.refresh();
    return null;
  }
}

function holdName(effect: Effect, name: string): string {
  return `${effect.kind} ${name}`;
}
