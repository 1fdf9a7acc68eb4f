import { DisposableStore, type Disposable } from '../../../base/disposable.ts';
import { messageOf } from '../../../base/errors.ts';
import { Emitter } from '../../../base/event.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Launch } from './launch.ts';
import type { SeenSession, SessionPlan } from './layout.ts';
import { LayoutKeeper, type Met } from './layoutKeeper.ts';
import type { LocalServerDeps } from './localServerDeps.ts';
import { respawn } from './reconcile.ts';
import { installScripts, scriptPaths, type Scripts } from './scripts.ts';
import { idleArgv, innerSetup, paneTerm, serverEnv } from './serverOptions.ts';
import { TmuxServerProcess } from './tmuxServerProcess.ts';
import { safeName, shortHash, type Words } from './tmuxText.ts';

/** An agent's TUI; `launch.env` is its whole environment (TERM is added), `launch.cwd` its workdir. With null what runs there goes on, and nothing is started. */
export type AgentPane = { key: string; alias: string; label: string; launch: { argv: string[]; env: Record<string, string>; cwd: string } | null };
/** What is shown for a host while none of its agents is. */
export type AgentPlaceholder = { alias: string; note: string };

/** The tmux session of an agent in the agent server. */
export function agentSessionName(key: string): string {
  return `a-${safeName(key)}`;
}

/** The tmux session that a host shows in the agent server while no agent is chosen. */
export function agentPlaceholderName(alias: string): string {
  return `p-${safeName(alias)}`;
}

/** The server option that names the session which is shown for a host. */
export function agentShownOption(alias: string): string {
  return `@cockpit_shown_${shortHash(alias)}`;
}

/** The inner tmux server of the agents: one session per remote session (PAIR-1). */
export class AgentServer implements Disposable {
  readonly #scripts: Scripts;
  readonly #runtime: string;
  readonly #term: string;
  readonly #server: TmuxServerProcess;
  readonly #keeper: LayoutKeeper;
  readonly #logger: Logger;
  readonly #terminalTty: (alias: string) => string | null;
  readonly #resources = new DisposableStore();
  readonly #shown = new Map<string, string | null>();
  readonly #repaired = new Emitter<undefined>();
  #agents: readonly AgentPane[] = [];
  #placeholders: readonly AgentPlaceholder[] = [];
  #seen: readonly SeenSession[] = [];

  /** Panes were just made, started or ended; the server is as it should be again. */
  readonly onDidRepair = this.#repaired.event;

  /** `terminalTty` tells the tty on which the terminal layout shows the agents of a host (`OuterServer.agentTty`). */
  constructor({ paths, shell, clock, logger, env = process.env, terminalTty = () => null }: LocalServerDeps & { terminalTty?: (alias: string) => string | null }) {
    this.#runtime = paths.runtime;
    this.#scripts = scriptPaths(paths.runtime);
    this.#term = paneTerm(env);
    this.#logger = logger;
    this.#terminalTty = terminalTty;
    this.#server = this.#resources.add(
      new TmuxServerProcess({ socket: paths.agentTmux, setup: innerSetup(this.#term), keepSession: { name: 'keep', argv: idleArgv }, env: serverEnv(env), shell, logger }),
    );
    const kept = { plan: () => this.#plan(), settle: (met: Met) => this.#settle(met) };
    this.#keeper = this.#resources.add(new LayoutKeeper(this.#server, kept, { clock, logger }));
  }

  /** Makes the server run these agents; only what differs is touched. Every host that has an agent or a placeholder can be shown. */
  async apply(agents: readonly AgentPane[], placeholders: readonly AgentPlaceholder[]): Promise<void> {
    this.#agents = agents;
    this.#placeholders = placeholders;
    installScripts(this.#runtime);
    await this.#keeper.sync();
  }

  /** Shows an agent (null: the placeholder) in the terminal layout's lower half of a host. */
  async show(alias: string, key: string | null): Promise<void> {
    this.#shown.set(alias, key);
    if (!this.#seen.some(({ name }) => name === this.#shownName(alias))) {
      await this.#keeper.sync();
      return;
    }
    await this.#server.run([this.#markShown(alias)]);
    const tty = this.#terminalTty(alias);
    if (tty) await this.#switch(tty, alias);
  }

  /** Whether the pane of a kept or applied agent is there. */
  has(key: string): boolean {
    return this.#agents.some((agent) => agent.key === key) && this.#seen.some(({ name }) => name === agentSessionName(key));
  }

  /** Ends the agent's TUI and starts it again with the launch that was last applied. */
  async relaunch(key: string): Promise<void> {
    const pane = this.#agents.find((agent) => agent.key === key);
    if (!pane?.launch) return;
    const seen = this.#seen.find(({ name }) => name === agentSessionName(key))?.windows[0]?.panes[0];
    if (seen) await this.#server.run(respawn(seen.id, { role: 'agent', launch: this.#launch(pane.launch) })).catch(() => this.#keeper.sync());
    else await this.#keeper.sync();
  }

  /** Lets go of the server; it goes on running. */
  dispose(): void {
    this.#resources.dispose();
  }

  #plan(): SessionPlan[] {
    const notes = new Map(this.#agents.map(({ alias }) => [alias, `No agent of ${alias} is chosen.`]));
    for (const { alias, note } of this.#placeholders) notes.set(alias, note);
    const doors = [...notes].map(([alias, note]) => {
      const launch = { argv: ['sh', this.#scripts.notice, note] };
      return { name: agentPlaceholderName(alias), options: { cockpit_host: alias }, windows: [{ key: 'placeholder', label: alias, panes: [{ role: 'placeholder', launch }] }] };
    });
    const agents = this.#agents.map((agent) => ({
      name: agentSessionName(agent.key),
      kept: agent.launch === null,
      options: { cockpit_host: agent.alias, cockpit_key: agent.key },
      windows: agent.launch ? [{ key: 'agent', label: agent.label, panes: [{ role: 'agent', launch: this.#launch(agent.launch) }] }] : [],
    }));
    return [...doors, ...agents];
  }

  #launch(launch: Launch): Launch {
    return { ...launch, env: { TERM: this.#term, COLORTERM: 'truecolor', ...launch.env } };
  }

  async #settle(met: Met): Promise<void> {
    this.#seen = met.seen;
    await this.#showAgain(met.repaired);
    if (met.repaired) this.#repaired.fire(undefined);
  }

  async #showAgain(repaired: boolean): Promise<void> {
    // A host for which nothing was chosen yet goes on showing what it shows: an earlier supervisor may have chosen.
    const aliases = [...new Set([...this.#agents, ...this.#placeholders].map(({ alias }) => alias))].filter((alias) => this.#shown.has(alias));
    if (aliases.length === 0) return;
    const marks = repaired ? aliases.map((alias) => this.#markShown(alias)) : [];
    const [clients = []] = await this.#server.run([['list-clients', '-F', '#{client_tty}|#{session_name}'], ...marks]);
    for (const alias of aliases) {
      const tty = this.#terminalTty(alias);
      const client = tty === null ? undefined : clients.find((line) => line.startsWith(`${tty}|`));
      if (tty !== null && client !== undefined && client !== `${tty}|${this.#shownName(alias)}`) await this.#switch(tty, alias);
    }
  }

  /** Also read by the lower half itself whenever it attaches. */
  #markShown(alias: string): Words {
    return ['set-option', '-g', agentShownOption(alias), this.#shownName(alias)];
  }

  #shownName(alias: string): string {
    const key = this.#shown.get(alias) ?? null;
    const known = key !== null && this.#agents.some((agent) => agent.key === key);
    return known ? agentSessionName(key) : agentPlaceholderName(alias);
  }

  async #switch(tty: string, alias: string): Promise<void> {
    try {
      await this.#server.run([['switch-client', '-c', tty, '-t', `=${this.#shownName(alias)}`]]);
    } catch (error) {
      // The half is just attaching again; it reads the option then.
      this.#logger.debug('the agent half was not there to switch', { alias, error: messageOf(error) });
    }
  }
}
