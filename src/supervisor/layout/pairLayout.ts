import { z } from 'zod';
import type { Shell } from '../adapters/shell/shell.ts';
import type { Store } from '../adapters/store/store.ts';
import type { LocalServerDeps } from '../adapters/tmux/local/localServerDeps.ts';
import type { AgentSet } from '../agents/agentSet.ts';
import type { Clock } from '../base/clock.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { HostSet } from '../hosts/hostSet.ts';
import type { Paths } from '../protocol/paths.ts';
import type { Supervisor } from '../supervisor.ts';
import { AgentPanes } from './agentPanes.ts';
import { EditorPair, type PairArgv } from './editorPair.ts';
import { RemoteWheel } from './remoteWheel.ts';
import { TerminalUi } from './terminalUi.ts';
import { Viewers } from './viewers.ts';

/** What the layout works with. */
export type LayoutDeps = {
  supervisor: Supervisor;
  hosts: HostSet;
  agents: AgentSet;
  store: Store;
  paths: Paths;
  clock: Clock;
  logger: Logger;
  env: NodeJS.ProcessEnv;
  /** of this machine */
  shell: Shell;
  /** What a person should know: a wrong configuration, no audit… */
  notices(): readonly string[];
  down(): void;
};

const restoreAgainMs = 1_000;
const uiSettings = { terminal: 'terminalUi', editor: 'editorPair' } as const;

/** Keeps cockpit's own tmux servers in step with the fleet: the agents' panes always, viewers and the terminal cockpit once a person asked for them. */
export class PairLayout implements Disposable {
  readonly #deps: LayoutDeps;
  readonly #local: LocalServerDeps;
  readonly #resources = new DisposableStore();
  readonly #panes: AgentPanes;
  #viewers: Viewers | null = null;
  #wheel: RemoteWheel | null = null;
  #terminal: TerminalUi | null = null;
  #editor: EditorPair | null = null;

  constructor(deps: LayoutDeps) {
    this.#deps = deps;
    const { paths, shell, clock, logger, env } = deps;
    this.#local = { paths, shell, clock, logger, env };
    this.#panes = this.#resources.add(new AgentPanes(deps, this.#local, (alias) => this.#terminal?.agentTty(alias) ?? null));
  }

  /** Brings back what stood when the last supervisor ended. What cannot be now must not keep the supervisor from starting: it is tried until it can. */
  async restore(): Promise<void> {
    try {
      await this.#restoreOnce();
    } catch (error) {
      if (this.#resources.isDisposed) return;
      this.#deps.logger.warn('the layout could not be brought back yet', { error: messageOf(error) });
      this.#resources.add(this.#deps.clock.after(restoreAgainMs, () => void this.restore()));
    }
  }

  async #restoreOnce(): Promise<void> {
    if (this.#deps.store.getSetting(uiSettings.terminal, z.boolean()) === true) await this.openTerminal();
    if (this.#deps.store.getSetting(uiSettings.editor, z.boolean()) === true) await this.openEditorPair();
  }

  /** Makes sure that the terminal cockpit stands; argv that attaches to it. */
  async openTerminal(): Promise<string[]> {
    await this.#openViewers(uiSettings.terminal);
    this.#terminal ??= this.#resources.add(await TerminalUi.open({ ...this.#deps, local: this.#local }));
    await this.#terminal.sync();
    return this.#terminal.attachArgv();
  }

  /** Makes sure that viewers stand for editor windows; argv of a window's two terminals. */
  async openEditorPair(): Promise<PairArgv> {
    const viewers = await this.#openViewers(uiSettings.editor);
    this.#editor ??= this.#resources.add(new EditorPair(this.#deps, viewers, this.#panes));
    await this.#editor.follow(this.#deps.supervisor.fleet);
    return this.#editor.argv();
  }

  /** Lets go of cockpit's tmux servers for good (for `down`): the next start brings nothing back. */
  end(): void {
    for (const setting of Object.values(uiSettings)) this.#remember(setting, false);
    this.#resources.dispose();
  }

  dispose(): void {
    this.#resources.dispose();
  }

  #remember(setting: string, isOn: boolean): void {
    try {
      if (this.#deps.store.getSetting(setting, z.boolean()) !== isOn) this.#deps.store.setSetting(setting, isOn);
    } catch (error) {
      // A full disk must not keep a person from looking, nor the cockpit from going down.
      this.#deps.logger.warn('what is shown could not be stored', { error: messageOf(error) });
    }
  }

  async #openViewers(setting: string): Promise<Viewers> {
    this.#remember(setting, true);
    this.#wheel ??= this.#resources.add(new RemoteWheel(this.#deps));
    this.#viewers ??= this.#resources.add(new Viewers(this.#deps, this.#local));
    await this.#viewers.sync();
    return this.#viewers;
  }
}
