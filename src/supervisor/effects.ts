import type { MarkReply } from './adapters/tmux/guard.ts';
import { adoptCommand, claimCommand, releaseCommand } from './adapters/tmux/guard.ts';
import type { TmuxCommand } from './adapters/tmux/command.ts';
import { quote } from './adapters/shell/shell.ts';
import { socketArgs } from './adapters/tmux/tmuxSocket.ts';
import { messageOf } from './base/errors.ts';
import type { Logger } from './base/logger.ts';
import { assertNever } from './base/assertNever.ts';
import type { Fact } from './domain/facts.ts';
import type { SessionRef } from './domain/ids.ts';
import { sessionKey } from './domain/ids.ts';
import type { Effect } from './domain/reduce.ts';
import type { HostLink } from './hosts/hostLink.ts';

/** What effects are run with. */
export type EffectDeps = {
  install: string;
  /** Name of this cockpit, as other ones see it. */
  supervisorName: string;
  link(alias: string): HostLink | undefined;
  observe(fact: Fact): void;
  /** Highest epoch that this cockpit ever saw of a session (OWN-3). */
  lastEpoch: (key: string) => number;
  recordEpoch(key: string, epoch: number): void;
  logger: Logger;
};

/** Runs what the domain asked for; what comes of it returns as a fact. One request per session is in flight: the next fact asks again if it is still wanted. */
export class EffectRunner {
  readonly #deps: EffectDeps;
  readonly #inFlight = new Set<string>();

  constructor(deps: EffectDeps) {
    this.#deps = deps;
  }

  run(effect: Effect): void {
    const name = effect.kind === 'create-main' ? effect.alias : sessionKey(effect.ref);
    if (this.#inFlight.has(name)) return;
    this.#inFlight.add(name);
    this.#perform(effect).then(
      (fact) => {
        // Free before the fact is told: what it leads to may ask for this session again at once.
        this.#inFlight.delete(name);
        if (fact) this.#deps.observe(fact);
      },
      (error: unknown) => {
        this.#inFlight.delete(name);
        this.#deps.logger.warn(`${effect.kind} failed`, { name, error: messageOf(error) });
      },
    );
  }

  #perform(effect: Effect): Promise<Fact | null> {
    const { install, supervisorName, lastEpoch } = this.#deps;
    switch (effect.kind) {
      case 'adopt':
        return this.#mark(effect.ref, adoptCommand(effect.ref.id, install, supervisorName, lastEpoch(sessionKey(effect.ref))));
      case 'claim':
        return this.#mark(effect.ref, claimCommand(effect.ref.id, install, supervisorName));
      case 'release':
        return this.#mark(effect.ref, releaseCommand(effect.ref.id, install, supervisorName));
      case 'create-main':
        return this.#createMain(effect.alias);
      default:
        return assertNever(effect);
    }
  }

  async #mark(ref: SessionRef, command: TmuxCommand<MarkReply>): Promise<Fact | null> {
    const link = this.#deps.link(ref.alias);
    if (!link?.isOnline) return null;
    const { mark, server } = await link.request(command);
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
    const words = ['tmux', ...socketArgs(link.host.tmuxSocket), 'new-session', '-d', '-s', 'cockpit-main'];
    const made = await link.run(`exec ${quote(...words)}`);
    if (made.exitCode !== 0) this.#deps.logger.warn('could not create cockpit-main', { alias, error: made.stderr.trim() });
    await link.refresh();
    return null;
  }
}
