import { DisposableStore, type Disposable } from '../../../base/disposable.ts';
import { Emitter, type Event } from '../../../base/event.ts';
import type { Paths } from '../../../protocol/paths.ts';
import { agentPlaceholderName, agentShownOption } from './agentServer.ts';
import type { SeenPane, SeenSession, SeenWindow, SessionPlan, WindowPlan } from './layout.ts';
import { LayoutKeeper, type Met } from './layoutKeeper.ts';
import type { LocalServerDeps } from './localServerDeps.ts';
import { outerSetup } from './outerSetup.ts';
import { installScripts, scriptPaths, type Scripts } from './scripts.ts';
import { idleArgv, paneTerm, serverEnv } from './serverOptions.ts';
import { fitEnd, fitMiddle, statusTiers, styledStatus, type StatusLine } from './statusLine.ts';
import { plainText, safeName, type Words } from './tmuxText.ts';
import { TmuxServerProcess } from './tmuxServerProcess.ts';
import { viewerSessionName } from './viewerServer.ts';

/** Which half of a host has the person's attention. */
export type TerminalFocus = { alias: string; focus: 'remote' | 'agent' };
/** A host of the terminal layout; `needs` is how many of its sessions need a person. */
export type OuterHost = { alias: string; needs: number };

const sessionName = 'cockpit';

/** The outer tmux server, which is the terminal UI: one session, one window per host, viewer above, agent below (PAIR-4). */
export class OuterServer implements Disposable {
  readonly #paths: Paths;
  readonly #scripts: Scripts;
  readonly #server: TmuxServerProcess;
  readonly #keeper: LayoutKeeper;
  readonly #colour: boolean;
  readonly #resources = new DisposableStore();
  readonly #didFocus = this.#resources.add(new Emitter<TerminalFocus>());
  #hosts: readonly OuterHost[] = [];
  #seen: readonly SeenWindow[] = [];
  #current: TerminalFocus | null = null;
  /** Selections so far and under way: what was read before or during one says nothing about a click. */
  #selections = 0;
  #selecting = 0;
  #status: StatusLine = { left: '', right: '' };

  /** The person chose another host or half in the terminal itself (a click); never fired for `select`. */
  readonly onDidFocus: Event<TerminalFocus> = this.#didFocus.event;

  constructor({ paths, shell, clock, logger, env = process.env }: LocalServerDeps) {
    this.#paths = paths;
    this.#scripts = scriptPaths(paths.runtime);
    this.#colour = !env['NO_COLOR'];
    this.#server = this.#resources.add(
      new TmuxServerProcess({
        socket: paths.outerTmux,
        setup: outerSetup(paneTerm(env), paths.keyFifo),
        keepSession: { name: sessionName, argv: idleArgv },
        env: serverEnv(env),
        shell,
        logger,
      }),
    );
    const kept = { plan: () => this.#plan(), settle: (met: Met) => this.#settle(met), stamp: () => (this.#selecting > 0 ? -1 : this.#selections) };
    this.#keeper = this.#resources.add(new LayoutKeeper(this.#server, kept, { clock, logger }));
    this.#resources.add(
      this.#server.onNotification(({ kind }) => {
        if (kind === 'window-pane-changed' || kind === 'session-window-changed') this.#keeper.tend();
      }),
    );
  }

  /** Makes the layout show these hosts in this order; only what differs is touched. */
  async apply(hosts: readonly OuterHost[]): Promise<void> {
    this.#hosts = hosts;
    if (!hosts.some(({ alias }) => alias === this.#current?.alias)) this.#current = null;
    installScripts(this.#paths.runtime);
    await this.#keeper.sync();
  }

  /** Shows a host and puts the person's keys into one of its halves. The other hosts get the same half, so a click on their name keeps the focus mode (KEY-2). */
  async select(alias: string, focus: 'remote' | 'agent'): Promise<void> {
    this.#current = { alias, focus };
    this.#selections += 1;
    this.#selecting += 1;
    try {
      if (!this.#window(alias)) await this.#keeper.sync();
      const commands = [...this.#panesInFocus(this.#seen), ...this.#windowInFront()];
      if (commands.length > 0) await this.#server.run(commands).catch(() => this.#keeper.sync());
    } finally {
      this.#selecting -= 1;
    }
  }

  /** Puts plain text left and right of the list of hosts and over the halves. */
  async setStatus(lines: StatusLine): Promise<void> {
    this.#status = lines;
    await this.#server.run(this.#statusCommands());
  }

  /** tty of the lower half of a host, by which the agent server knows its client; null if it is not there. */
  agentTty(alias: string): string | null {
    return this.#window(alias)?.panes.find(({ role }) => role === 'agent')?.tty ?? null;
  }

  /** argv for the person's terminal. */
  attachArgv(): string[] {
    return ['env', '-u', 'TMUX', '-u', 'TMUX_PANE', 'tmux', '-N', '-S', this.#paths.outerTmux, 'attach-session', '-t', `=${sessionName}`];
  }

  /** Lets go of the server; it goes on running. */
  dispose(): void {
    this.#resources.dispose();
  }

  #plan(): SessionPlan[] {
    const windows = this.#hosts.map((host) => this.#hostWindow(host));
    const nothing: WindowPlan = {
      key: 'none',
      label: 'no hosts',
      panes: [{ role: 'notice', launch: { argv: ['sh', this.#scripts.notice, 'No hosts are configured. Run: cockpit setup'] } }],
    };
    return [{ name: sessionName, windows: windows.length > 0 ? windows : [nothing] }];
  }

  #hostWindow({ alias, needs }: OuterHost): WindowPlan {
    const half = (socket: string, option: string, session: string) => ({ argv: ['sh', this.#scripts.half, socket, option, session] });
    return {
      key: windowKey(alias),
      label: alias,
      options: { cockpit_needs: needs > 0 ? ` !${needs}` : '' },
      panes: [
        { role: 'remote', launch: half(this.#paths.viewerTmux, '-', viewerSessionName(alias)) },
        { role: 'agent', launch: half(this.#paths.agentTmux, agentShownOption(alias), agentPlaceholderName(alias)) },
      ],
    };
  }

  async #settle({ seen, repaired, stamp }: Met): Promise<void> {
    this.#seen = windowsOf(seen);
    // What a repair left in front is not the person's choice, nor what was there before a selection; the rest is.
    const chosen = !repaired && stamp === this.#selections && this.#selecting === 0 && this.#judge(this.#seen);
    const wrong = this.#seen.filter((window) => (repaired || chosen || !window.active) && !window.panes.some(({ active, role }) => active && role === this.#current?.focus));
    const commands = [...this.#panesInFocus(wrong), ...(repaired ? [...this.#windowInFront(), ...this.#statusCommands()] : [])];
    if (commands.length > 0) await this.#server.run(commands);
  }

  #panesInFocus(windows: readonly SeenWindow[]): Words[] {
    const panes = windows.flatMap(({ panes: all }) => all.filter(({ role }) => role === this.#current?.focus));
    return panes.map(({ id }) => ['select-pane', '-t', id]);
  }

  #windowInFront(): Words[] {
    const alias = this.#current?.alias ?? this.#hosts[0]?.alias;
    const window = alias === undefined ? undefined : this.#window(alias);
    return window ? [['select-window', '-t', window.id]] : [];
  }

  /** Tells a focus that the person chose; not one that is left over because a pane or window went away, which is repaired instead. */
  #judge(seen: readonly SeenWindow[]): boolean {
    const current = this.#current;
    const window = seen.find(({ active }) => active);
    const host = this.#hosts.find(({ alias }) => windowKey(alias) === window?.key);
    const focus = window?.panes.find(({ active }) => active)?.role;
    if (!window || !host || !isComplete(window) || (focus !== 'remote' && focus !== 'agent')) return false;
    if (!current) {
      this.#current = { alias: host.alias, focus };
      return false;
    }
    const before = seen.find(({ key }) => key === windowKey(current.alias));
    if (!before || !isComplete(before)) return false;
    const chosen = { alias: host.alias, focus: host.alias === current.alias ? focus : current.focus };
    if (chosen.alias === current.alias && chosen.focus === current.focus) return false;
    this.#current = chosen;
    this.#didFocus.fire(chosen);
    return true;
  }

  #statusCommands(): Words[] {
    const { remote = '', agent = '' } = this.#status;
    const says = (half: string, text: string) => ['set-option', '-g', `@cockpit_says_${half}`, styledStatus(plainText(text), false)];
    const sides = statusTiers.flatMap(({ name, left, right }) => [
      ['set-option', '-g', `@cockpit_left_${name}`, styledStatus(fitMiddle(this.#status.left, left), this.#colour)],
      ['set-option', '-g', `@cockpit_right_${name}`, styledStatus(fitEnd(this.#status.right, right), this.#colour)],
    ]);
    return [...sides, says('remote', remote), says('agent', agent)];
  }

  #window(alias: string): SeenWindow | undefined {
    return this.#seen.find(({ key }) => key === windowKey(alias));
  }
}

function isComplete(window: SeenWindow): boolean {
  const alive = (role: string) => window.panes.some((pane: SeenPane) => pane.role === role && !pane.dead);
  return alive('remote') && alive('agent');
}

function windowsOf(seen: readonly SeenSession[]): SeenWindow[] {
  return seen.find(({ name }) => name === sessionName)?.windows ?? [];
}

function windowKey(alias: string): string {
  return `h-${safeName(alias)}`;
}
