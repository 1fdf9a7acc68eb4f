import * as vscode from 'vscode';
import type { StatusView } from '../supervisor/protocol/statusView.ts';
import type { Connection } from './connection.ts';
import { FocusMode, otherHalf, type Half } from './focusMode.ts';
import { contextKeys } from './ids.ts';

const columns: Record<Half, vscode.ViewColumn> = { remote: vscode.ViewColumn.One, agent: vscode.ViewColumn.Two };
const halves: readonly Half[] = ['remote', 'agent'];
const wasOpenKey = 'pairWasOpen';

/** What the pair works with; `memory` outlives a reload of the window. */
export type PairDeps = { connection: Connection; memory: vscode.Memento; onError: (error: unknown) => void };

/** The pair of this window: two terminals, the remote above and its agent below, that follow the selection (VSC-3), and whose focus is the focus mode (VSC-5). */
export class PairTerminals implements vscode.Disposable {
  readonly #deps: PairDeps;
  readonly #focus = new FocusMode();
  readonly #terminals = new Map<Half, vscode.Terminal>();
  readonly #resources: { dispose(): unknown }[] = [];
  #showing: Promise<void> | null = null;
  #isRestored = false;
  #isClosing = false;

  constructor(deps: PairDeps) {
    this.#deps = deps;
    const { connection } = deps;
    const tellFocus = () => {
      this.#tellFocus();
    };
    this.#resources.push(
      vscode.window.onDidCloseTerminal((terminal) => {
        this.#forget(terminal);
      }),
      vscode.window.onDidChangeActiveTerminal(tellFocus),
      vscode.window.onDidChangeWindowState(tellFocus),
      vscode.window.tabGroups.onDidChangeTabGroups(tellFocus),
      vscode.window.tabGroups.onDidChangeTabs(tellFocus),
      connection.onDidChange((phase) => {
        if (phase.kind === 'running') this.#follow(phase.status);
      }),
    );
  }

  /** Whether both halves are open in this window. */
  get isOpen(): boolean {
    return this.#terminals.size === halves.length;
  }

  /** Whether a person can see the pair: both halves are the front tabs of their groups, in the window that is in front. */
  get isVisible(): boolean {
    return vscode.window.state.focused && halves.every((half) => this.#isFrontTab(half));
  }

  /** Shows the pair and puts the keys into the half of the focus mode, or leaves them where they are. */
  async show(options: { preserveFocus: boolean }): Promise<void> {
    await this.#showing;
    this.#showing = this.#show(options).finally(() => {
      this.#showing = null;
    });
    await this.#showing;
  }

  /** Puts the keys into the other half, as a click there does: the supervisor is told by the focus itself. */
  async toggle(): Promise<void> {
    const target = otherHalf(this.#activeHalf() ?? this.#focus.mode);
    if (!this.isOpen) await this.show({ preserveFocus: true });
    this.#terminals.get(target)?.show(false);
  }

  /** Puts the keys into a half, if the pair is open. */
  focus(half: Half): void {
    this.#terminals.get(half)?.show(false);
  }

  dispose(): void {
    this.#isClosing = true;
    for (const resource of this.#resources) resource.dispose();
    for (const terminal of this.#terminals.values()) terminal.dispose();
  }

  async #show({ preserveFocus }: { preserveFocus: boolean }): Promise<void> {
    if (!this.isOpen) await this.#build();
    const front = this.#deps.connection.status?.selected.focus ?? this.#focus.mode;
    // Only where another tab hides it: two calls at once would race for the focus.
    if (!this.#isFrontTab(otherHalf(front))) this.#terminals.get(otherHalf(front))?.show(true);
    const active = this.#activeHalf();
    // A terminal that is the active one already does not take the keys back from the tree by being shown.
    if (!preserveFocus && active === front) await vscode.commands.executeCommand('workbench.action.focusActiveEditorGroup');
    else {
      if (!preserveFocus) this.#focus.moving(front, active);
      this.#terminals.get(front)?.show(preserveFocus);
    }
    this.#tellFocus();
  }

  async #build(): Promise<void> {
    const argv = await this.#deps.connection.request('ui/pair', {});
    await this.#closeLoneHalf();
    await vscode.commands.executeCommand('vscode.setEditorLayout', { orientation: 1, groups: [{ size: 0.5 }, { size: 0.5 }] });
    this.#open('remote', argv.viewer);
    this.#open('agent', argv.agent);
    // Without this the second terminal takes the focus from whoever gets it next.
    await Promise.all([...this.#terminals.values()].map((terminal) => terminal.processId));
    await this.#deps.memory.update(wasOpenKey, true);
  }

  /** A lone half has taken the place of both, so both are made anew; they only show what runs elsewhere. The layout can be made when its group is gone. */
  async #closeLoneHalf(): Promise<void> {
    for (const [half, terminal] of this.#terminals) {
      this.#terminals.delete(half);
      terminal.dispose();
      await untilTabIsGone(terminal.name);
    }
  }

  #isFrontTab(half: Half): boolean {
    const name = this.#terminals.get(half)?.name;
    return name !== undefined && vscode.window.tabGroups.all.some(({ activeTab }) => activeTab?.input instanceof vscode.TabInputTerminal && activeTab.label === name);
  }

  #open(half: Half, argv: string[]): void {
    const [shellPath = 'sh', ...shellArgs] = argv;
    const terminal = vscode.window.createTerminal({
      name: half === 'remote' ? 'Cockpit remote' : 'Cockpit agent',
      shellPath,
      shellArgs,
      isTransient: true,
      iconPath: new vscode.ThemeIcon(half === 'remote' ? 'remote' : 'hubot'),
      location: { viewColumn: columns[half], preserveFocus: true },
    });
    this.#terminals.set(half, terminal);
  }

  #forget(terminal: vscode.Terminal): void {
    for (const [half, known] of this.#terminals) if (known === terminal) this.#terminals.delete(half);
    if (this.#terminals.size === 0 && !this.#isClosing && this.#showing === null) void this.#deps.memory.update(wasOpenKey, false);
    this.#tellFocus();
  }

  #activeHalf(): Half | null {
    const { activeTerminal } = vscode.window;
    const { activeTab } = vscode.window.tabGroups.activeTabGroup;
    // A terminal stays the active one while a file is visited: the active tab tells.
    if (!(activeTab?.input instanceof vscode.TabInputTerminal)) return null;
    return halves.find((half) => this.#terminals.get(half) === activeTerminal) ?? null;
  }

  /** Focus is sticky: only the halves themselves change it, visiting a file or another window does not. */
  #tellFocus(): void {
    const half = this.#activeHalf();
    void vscode.commands.executeCommand('setContext', contextKeys.terminal, half !== null);
    const { status } = this.#deps.connection;
    if (!vscode.window.state.focused || !status?.selected.host) return;
    const told = this.#focus.activated(half);
    if (told === null) return;
    this.#deps.connection.request('select', { host: status.selected.host, session: null, focus: told }).catch((error: unknown) => {
      this.#focus.untold();
      this.#deps.onError(error);
    });
  }

  /** The focus mode may have been changed by another window or the CLI; the keys go along if they are in the pair. */
  #follow(status: StatusView): void {
    this.#restore();
    const half = this.#focus.said(status.selected.focus, this.#activeHalf());
    if (half === null || !vscode.window.state.focused) return;
    this.#focus.moving(half, this.#activeHalf());
    this.focus(half);
  }

  /** A pair that was open when the window was loaded again comes back. */
  #restore(): void {
    if (this.#isRestored) return;
    this.#isRestored = true;
    if (this.#deps.memory.get(wasOpenKey) === true) this.show({ preserveFocus: true }).catch(this.#deps.onError);
  }
}

const isTabOpen = (label: string): boolean => vscode.window.tabGroups.all.some(({ tabs }) => tabs.some((tab) => tab.input instanceof vscode.TabInputTerminal && tab.label === label));

/** Resolves when no terminal in the editor area is called so. */
async function untilTabIsGone(label: string): Promise<void> {
  if (!isTabOpen(label)) return;
  await new Promise<void>((resolve) => {
    const subscription = vscode.window.tabGroups.onDidChangeTabs(() => {
      if (isTabOpen(label)) return;
      subscription.dispose();
      resolve();
    });
  });
}
