import { DisposableStore, type Disposable } from '../../../base/disposable.ts';
import { Emitter } from '../../../base/event.ts';
import type { SessionId } from '../../../domain/ids.ts';
import type { SeenSession, SessionPlan, WindowPlan } from './layout.ts';
import { LayoutKeeper, type Met } from './layoutKeeper.ts';
import type { LocalServerDeps } from './localServerDeps.ts';
import { installScripts, scriptPaths, type Scripts } from './scripts.ts';
import { idleArgv, innerSetup, paneTerm, serverEnv } from './serverOptions.ts';
import { safeName } from './tmuxText.ts';
import { TmuxServerProcess } from './tmuxServerProcess.ts';
import { wheelSetup } from './wheelFifo.ts';

/** A host of the viewer server; `attachArgv` is what `Shell.attachArgv` gave, `note` is shown while the host has no sessions. */
export type ViewerHost = { alias: string; note: string; sessions: { id: SessionId; name: string; attachArgv: string[] }[] };

/** Viewers of so many sessions of a host run from the start; further ones start when they are first shown. */
const eagerWindows = 8;
const placeholder = 'placeholder';

/** The tmux session that shows a host in the viewer server. */
export function viewerSessionName(alias: string): string {
  return `h-${safeName(alias)}`;
}

/** The inner tmux server of the viewers: one session per host, one window per remote session (PAIR-1). */
export class ViewerServer implements Disposable {
  readonly #scripts: Scripts;
  readonly #runtime: string;
  readonly #server: TmuxServerProcess;
  readonly #keeper: LayoutKeeper;
  readonly #resources = new DisposableStore();
  readonly #shown = new Map<string, SessionId | null>();
  readonly #started = new Set<string>();
  readonly #repaired = new Emitter<undefined>();
  #hosts: readonly ViewerHost[] = [];
  #seen: readonly SeenSession[] = [];

  /** Sessions or windows were just made, started or ended; the server is as it should be again. */
  readonly onDidRepair = this.#repaired.event;

  constructor({ paths, shell, clock, logger, env = process.env }: LocalServerDeps) {
    this.#runtime = paths.runtime;
    this.#scripts = scriptPaths(paths.runtime);
    this.#server = this.#resources.add(
      new TmuxServerProcess({
        socket: paths.viewerTmux,
        setup: [...innerSetup(paneTerm(env)), ...wheelSetup(paths.runtime)],
        keepSession: { name: 'keep', argv: idleArgv },
        env: serverEnv(env, { SSH_AUTH_SOCK: paths.sshAuthSock }),
        shell,
        logger,
      }),
    );
    const kept = { plan: () => this.#plan(), settle: (met: Met) => this.#settle(met) };
    this.#keeper = this.#resources.add(new LayoutKeeper(this.#server, kept, { clock, logger }));
  }

  /** Makes the server show these hosts and sessions; only what differs is touched. It keeps them so until the next call. */
  async apply(hosts: readonly ViewerHost[]): Promise<void> {
    this.#hosts = hosts;
    installScripts(this.#runtime);
    await this.#keeper.sync();
  }

  /** Shows a session of a host (null: the placeholder, or whichever is there) to all who look at the host. */
  async show(alias: string, id: SessionId | null): Promise<void> {
    this.#shown.set(alias, id);
    const window = this.#window(this.#seen, alias);
    if (window) await this.#server.run([['select-window', '-t', window.id]]).catch(() => this.#keeper.sync());
    else await this.#keeper.sync();
  }

  /** Lets go of the server; it goes on running. */
  dispose(): void {
    this.#resources.dispose();
  }

  #plan(): SessionPlan[] {
    return this.#hosts.map((host) => ({ name: viewerSessionName(host.alias), options: { cockpit_host: host.alias }, windows: this.#windows(host) }));
  }

  #windows({ alias, note, sessions }: ViewerHost): WindowPlan[] {
    if (sessions.length === 0) {
      return [{ key: placeholder, label: alias, panes: [{ role: 'placeholder', launch: { argv: ['sh', this.#scripts.notice, note] } }] }];
    }
    return sessions
      .filter(({ id }, index) => index < eagerWindows || this.#started.has(`${alias} ${id}`) || this.#shown.get(alias) === id)
      .map(({ id, name, attachArgv }) => {
        this.#started.add(`${alias} ${id}`);
        const launch = { argv: ['sh', this.#scripts.viewer, alias, ...attachArgv] };
        return { key: windowKey(id), label: name, panes: [{ role: 'viewer', launch }] };
      });
  }

  async #settle({ seen, repaired }: Met): Promise<void> {
    this.#seen = seen;
    const selections = this.#hosts.flatMap(({ alias }) => {
      const window = this.#window(seen, alias);
      return window && !window.active ? [['select-window', '-t', window.id]] : [];
    });
    if (selections.length > 0) await this.#server.run(selections);
    if (repaired) this.#repaired.fire(undefined);
  }

  #window(seen: readonly SeenSession[], alias: string) {
    const id = this.#shown.get(alias);
    const session = seen.find(({ name }) => name === viewerSessionName(alias));
    return id ? session?.windows.find(({ key }) => key === windowKey(id)) : undefined;
  }
}

function windowKey(id: SessionId): string {
  return `s${id.slice(1)}`;
}
