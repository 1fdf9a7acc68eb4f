import { createShell, interactiveLoginArgv } from '../adapters/shell/createShell.ts';
import type { Shell } from '../adapters/shell/shell.ts';
import { viewerCommand } from '../adapters/tmux/local/viewerCommand.ts';
import type { ShellContext } from '../adapters/shell/shellContext.ts';
import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import type { Logger } from '../base/logger.ts';
import type { Config, HostConfig } from '../domain/config.ts';
import type { HostFact } from '../domain/facts.ts';
import type { SessionRef } from '../domain/ids.ts';
import { HostLink } from './hostLink.ts';
import type { ReadScreen } from './readScreen.ts';

/** What host links are made with. */
export type HostSetDeps = {
  shellContext: ShellContext;
  clock: Clock;
  logger: Logger;
  install: string;
  /** As if every tmux were too old for push. */
  forceAsking?: boolean;
  emit: (fact: HostFact) => void;
  /** See `HostLinkDeps`. */
  asks?: (screen: ReadScreen) => string | null;
};

type Entry = { host: HostConfig; shell: Shell; link: HostLink; reachedAs: string };

/** One link per configured host; a host whose way of being reached changed gets a new one. */
export class HostSet implements Disposable {
  readonly #deps: HostSetDeps;
  readonly #entries = new Map<string, Entry>();
  readonly #settled = new Emitter<SessionRef>();
  /** The screen of a session settled on something new. */
  readonly onDidSettle = this.#settled.event;

  constructor(deps: HostSetDeps) {
    this.#deps = deps;
  }

  link(alias: string): HostLink | undefined {
    return this.#entries.get(alias)?.link;
  }

  shell(alias: string): Shell | undefined {
    return this.#entries.get(alias)?.shell;
  }

  links(): HostLink[] {
    return [...this.#entries.values()].map((entry) => entry.link);
  }

  /** argv for a person's terminal that attaches to a remote session, over the open connection. */
  attachArgv(ref: SessionRef, lane: number): string[] {
    const entry = this.#entries.get(ref.alias);
    if (!entry) throw new Error(`no host ${ref.alias}`);
    return entry.shell.attachArgv(viewerCommand(entry.host.tmuxSocket, ref.id), lane);
  }

  /** argv that opens a host's connection in a person's terminal, or null where there is no login (local). */
  loginArgv(alias: string): string[] | null {
    const entry = this.#entries.get(alias);
    return entry ? interactiveLoginArgv(entry.host, this.#deps.shellContext) : null;
  }

  apply(config: Config): void {
    const wanted = new Map(config.hosts.map((host) => [host.alias, host]));
    for (const [alias, entry] of this.#entries) {
      const host = wanted.get(alias);
      if (host && reachedAs(host, config.pollIntervalMs) === entry.reachedAs) continue;
      this.#entries.delete(alias);
      end(entry);
    }
    for (const host of config.hosts) if (!this.#entries.has(host.alias)) this.#add(host, config.pollIntervalMs);
  }

  dispose(): void {
    for (const entry of this.#entries.values()) end(entry);
    this.#entries.clear();
  }

  #add(host: HostConfig, pollIntervalMs: number): void {
    const { shellContext, clock, logger, install, emit, asks, forceAsking = false } = this.#deps;
    const shell = createShell(host, shellContext);
    const link = new HostLink(host, { shell, clock, logger: logger.child(host.alias), installId: install, pollIntervalMs, emit, forceAsking, ...(asks ? { asks } : {}) });
    link.onDidSettle((id) => {
      this.#settled.fire({ alias: host.alias, id });
    });
    this.#entries.set(host.alias, { host, shell, link, reachedAs: reachedAs(host, pollIntervalMs) });
    link.start();
  }
}

function end(entry: Entry): void {
  entry.link.dispose();
  entry.shell.dispose();
}

/** Everything that a host's link depends on. A new link finds the login of the old one still open. */
function reachedAs(host: HostConfig, pollIntervalMs: number): string {
  return JSON.stringify([host.sshTarget, host.transport, host.tmuxSocket, host.forwardAgent, pollIntervalMs]);
}
