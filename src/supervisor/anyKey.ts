import { z } from 'zod';
import { installAnyKeyScript, removeAnyKeyScript } from './adapters/tmux/anyKey.ts';
import type { Store } from './adapters/store/store.ts';
import type { Disposable } from './base/disposable.ts';
import { messageOf } from './base/errors.ts';
import type { Logger } from './base/logger.ts';
import { allSessions, type Fleet, type Host } from './domain/fleet.ts';
import { sessionKey } from './domain/ids.ts';
import { isTypedClaim } from './domain/ownership.ts';
import { isTooOldToGuard } from './domain/tmuxVersion.ts';
import type { HostLink } from './hosts/hostLink.ts';
import type { Notes } from './noted.ts';
import type { Supervisor } from './supervisor.ts';

/** What it works with. */
export type AnyKeyDeps = { supervisor: Supervisor; store: Pick<Store, 'getSetting' | 'setSetting'> & Notes; logger: Logger; notices: string[]; link(alias: string): HostLink | undefined };

const setting = 'anyKeyHosts';
/** `down` does not wait longer for hosts that do not answer. */
const downMs = 2_000;

/** Keeps the key table of `claim_on_any_key` at the hosts that want it, and takes it away where it is not wanted any more (OWN-6). Claims that it made are audited when they are seen. */
export class AnyKey implements Disposable {
  readonly #deps: AnyKeyDeps;
  readonly #subscription: Disposable;
  /** Where a table may be, also from an earlier life. */
  readonly #there: Set<string>;
  /** Alias → the server and sessions for which the script ran last. */
  readonly #done = new Map<string, string>();
  readonly #running = new Set<string>();
  readonly #told = new Set<string>();

  constructor(deps: AnyKeyDeps) {
    this.#deps = deps;
    this.#there = new Set(deps.store.getSetting(setting, z.array(z.string())) ?? []);
    this.#subscription = deps.supervisor.onDidChange(({ before, fleet, fact }) => {
      if (fact.kind === 'host-sessions' || fact.kind === 'ownership') this.#noteClaims(before, fleet);
      if (fact.kind === 'host-sessions' || fact.kind === 'host-link' || fact.kind === 'configured') this.#look();
    });
  }

  /** Takes the tables away, as far as hosts answer soon. */
  async end(): Promise<void> {
    this.#subscription.dispose();
    await Promise.all(this.#deps.supervisor.fleet.hosts.filter(({ config }) => this.#there.has(config.alias)).map((host) => this.#remove(host, downMs)));
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  #look(): void {
    for (const host of this.#deps.supervisor.fleet.hosts) {
      const { alias, claimOnAnyKey } = host.config;
      if (host.link !== 'online') this.#done.delete(alias);
      else if (claimOnAnyKey && isTooOldToGuard(host.tmuxVersion)) this.#sayTooOld(host);
      else if (claimOnAnyKey ? host.sessions.length > 0 && this.#done.get(alias) !== signature(host) : this.#there.has(alias)) void this.#settle(alias);
    }
  }

  /** One script per host at a time; what changed meanwhile is looked at behind it. */
  async #settle(alias: string): Promise<void> {
    if (this.#running.has(alias)) return;
    this.#running.add(alias);
    const host = this.#deps.supervisor.fleet.hosts.find(({ config }) => config.alias === alias);
    const isDone = host !== undefined && (await (host.config.claimOnAnyKey ? this.#install(host) : this.#remove(host)));
    this.#running.delete(alias);
    if (isDone) this.#look();
  }

  async #install(host: Host): Promise<boolean> {
    const { alias, tmuxSocket } = host.config;
    this.#remember(alias, true);
    this.#done.set(alias, signature(host));
    const isThere = await this.#run(alias, installAnyKeyScript(tmuxSocket));
    // The next listing tries again.
    if (!isThere) this.#done.delete(alias);
    return isThere;
  }

  async #remove(host: Host, timeoutMs?: number): Promise<boolean> {
    const { alias, tmuxSocket } = host.config;
    const isGone = await this.#run(alias, removeAnyKeyScript(tmuxSocket), timeoutMs);
    if (isGone) this.#remember(alias, false);
    this.#done.delete(alias);
    return isGone;
  }

  async #run(alias: string, script: string, timeoutMs?: number): Promise<boolean> {
    try {
      const link = this.#deps.link(alias);
      if (!link?.isOnline) return false;
      const { exitCode, stderr } = await link.run(script, timeoutMs === undefined ? {} : { timeoutMs });
      if (exitCode !== 0) this.#deps.logger.warn('the key table of a host was not changed', { alias, error: stderr.trim().slice(0, 300) });
      return exitCode === 0;
    } catch (error) {
      // The next listing or connection tries again.
      this.#deps.logger.warn('the key table of a host was not changed', { alias, error: messageOf(error) });
      return false;
    }
  }

  #remember(alias: string, isThere: boolean): void {
    if (this.#there.has(alias) === isThere) return;
    if (isThere) this.#there.add(alias);
    else this.#there.delete(alias);
    try {
      this.#deps.store.setSetting(setting, [...this.#there]);
    } catch (error) {
      this.#deps.logger.error('where key tables are could not be stored', { error: messageOf(error) });
    }
  }

  #sayTooOld({ config: { alias } }: Host): void {
    if (this.#told.has(alias)) return;
    this.#told.add(alias);
    this.#deps.notices.push(`${alias}: claim_on_any_key needs tmux 3.2 or newer there and does nothing.`);
    this.#deps.supervisor.observe({ kind: 'noticed' });
  }

  #noteClaims(before: Fleet, after: Fleet): void {
    const known = new Map(allSessions(before).map(({ session }) => [session.key, session]));
    for (const { ref, session } of allSessions(after)) {
      const old = known.get(session.key);
      if (!isTypedClaim(session) || (old && isTypedClaim(old) && old.observed.mark.epoch === session.observed.mark.epoch)) continue;
      const { store } = this.#deps;
      store.endNote(store.noteAction({ key: sessionKey(ref), host: ref.alias, session: ref.id, actor: 'human', tool: 'claim', kind: 'ownership', detail: { by: 'a key at the remote' }, epoch: session.observed.mark.epoch }), 'accepted', null);
    }
  }
}

/** What the script has to run for again when it changes. */
function signature({ server, sessions }: Host): string {
  return JSON.stringify([server, sessions.map(({ observed }) => `${observed.id} ${observed.name}`)]);
}
