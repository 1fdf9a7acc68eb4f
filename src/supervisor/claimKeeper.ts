import { displayMessage } from './adapters/tmux/commands/paneCommands.ts';
import type { Clock } from './base/clock.ts';
import type { Disposable } from './base/disposable.ts';
import { messageOf } from './base/errors.ts';
import type { Logger } from './base/logger.ts';
import { isTimedOut } from './domain/claim.ts';
import { allSessions, selectedRef, type RemoteSession } from './domain/fleet.ts';
import { sessionKey, type SessionRef } from './domain/ids.ts';
import { isTypedClaim } from './domain/ownership.ts';
import type { HostLink } from './hosts/hostLink.ts';
import type { Supervisor } from './supervisor.ts';

/** What the keeper works with; `timeoutMs` is `claim_timeout`, null for off. */
export type ClaimKeeperDeps = { supervisor: Supervisor; link(alias: string): Pick<HostLink, 'isOnline' | 'request'> | undefined; clock: Clock; logger: Logger; timeoutMs(): number | null };

/** At most so long after a key the claim counts as used. */
const lookEveryMs = 5_000;

/**
 * Looks whether claimed sessions are used (OWN-10): tmux moves a session's activity on with every key of every attached client, whoever it is. Only
 * that it moved counts, so the remote's clock does not. Where `claim_timeout` is set, an unused claim is released by giving the focus to the agent.
 */
export class ClaimKeeper implements Disposable {
  readonly #deps: ClaimKeeperDeps;
  readonly #timer: Disposable;
  /** What the activity was at the last look, by session and epoch. */
  #seen = new Map<string, string>();

  constructor(deps: ClaimKeeperDeps) {
    this.#deps = deps;
    this.#timer = deps.clock.every(lookEveryMs, () => {
      this.look().catch((error: unknown) => {
        deps.logger.debug('the use of a claim was not read', { error: messageOf(error) });
      });
    });
  }

  /** Looks now. Rejects when a host does not answer; the next look comes by itself. */
  async look(): Promise<void> {
    const claimed = allSessions(this.#deps.supervisor.fleet).filter(({ session }) => session.ownership.kind === 'ours' && session.ownership.owner === 'human');
    const seen = new Map<string, string>();
    await Promise.all(claimed.map(({ ref, session }) => this.#lookAt(ref, session, seen)));
    this.#seen = seen;
    this.#release();
  }

  dispose(): void {
    this.#timer.dispose();
  }

  async #lookAt(ref: SessionRef, { ownership }: RemoteSession, seen: Map<string, string>): Promise<void> {
    const link = this.#deps.link(ref.alias);
    if (!link?.isOnline || ownership.kind !== 'ours') return;
    const key = `${sessionKey(ref)} ${ownership.epoch}`;
    const activity = await link.request(displayMessage(ref.id, '#{session_activity}'));
    const before = this.#seen.get(key);
    seen.set(key, activity);
    if (before !== undefined && before !== activity) this.#deps.supervisor.observe({ kind: 'used', alias: ref.alias, id: ref.id });
  }

  #release(): void {
    const { supervisor, clock, logger } = this.#deps;
    const timeoutMs = this.#deps.timeoutMs();
    const shown = selectedRef(supervisor.fleet);
    for (const { ref, session } of allSessions(supervisor.fleet)) {
      const isShown = ref.alias === shown?.alias && ref.id === shown.id;
      if (!isTimedOut(session, timeoutMs, clock.nowMs()) || !(isShown || isTypedClaim(session))) continue;
      logger.info('an unused claim is released', { session: `${ref.alias}/${ref.id}` });
      supervisor.observe(isShown ? { kind: 'selected', alias: ref.alias, id: null, focus: 'agent' } : { kind: 'given-back', ...ref });
    }
  }
}
