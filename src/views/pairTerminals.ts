import * as vscode from 'vscode';
import type { Connection } from './connection.ts';
import { contextKeys } from './ids.ts';

type Half = 'remote' | 'agent';

const names: Record<Half, string> = { remote: 'Cockpit remote', agent: 'Cockpit agent' };
const columns: Record<Half, vscode.ViewColumn> = { remote: vscode.ViewColumn.One, agent: vscode.ViewColumn.Two };

/** The pair of this window: two terminals, the remote above and its agent below, that follow the selection (VSC-3), and whose focus is the focus mode (VSC-5). */
export class PairTerminals implements vscode.Disposable {
  readonly #connection: Connection;
  readonly #resources: vscode.Disposable[] = [];
  readonly #terminals = new Map<Half, vscode.Terminal>();
  #showing: Promise<void> | null = null;
  /** While the layout is put together terminals take the focus by themselves, which says nothing of the person. */
  #isArranging = false;
  #onError: (error: unknown) => void;

  constructor(connection: Connection, onError: (error: unknown) => void) {
    this.#connection = connection;
    this.#onError = onError;
    this.#resources.push(
      vscode.window.onDidCloseTerminal((terminal) => {
        for (const [half, known] of this.#terminals) if (known === terminal) this.#terminals.delete(half);
      }),
      vscode.window.onDidChangeActiveTerminal(() => {
        this.#tellFocus();
      }),
      vscode.window.tabGroups.onDidChangeTabGroups(() => {
        this.#tellFocus();
      }),
      vscode.window.tabGroups.onDidChangeTabs(() => {
        this.#tellFocus();
      }),
    );
  }

  /** Shows the pair and puts the keys into the half that has the focus mode (or keeps them where they are). */
  show(options: { preserveFocus: boolean }): Promise<void> {
    this.#showing ??= this.#show(options).finally(() => {
      this.#showing = null;
    });
    return this.#showing;
  }

  /** Whether both halves are open in this window. */
  get isOpen(): boolean {
    return this.#terminals.size === 2;
  }

  /** Puts the keys into a half, if the pair is open. */
  focus(half: Half): void {
    this.#terminals.get(half)?.show(false);
  }

  dispose(): void {
    for (const resource of this.#resources) resource.dispose();
    for (const terminal of this.#terminals.values()) terminal.dispose();
  }

  async #show({ preserveFocus }: { preserveFocus: boolean }): Promise<void> {
    const focus = this.#connection.status?.selected.focus ?? 'agent';
    this.#isArranging = true;
    try {
      if (this.#terminals.size < 2) await this.#build();
      const [front, back] = focus === 'remote' ? (['remote', 'agent'] as const) : (['agent', 'remote'] as const);
      this.#terminals.get(back)?.show(true);
      this.#terminals.get(front)?.show(preserveFocus);
    } finally {
      this.#isArranging = false;
    }
    await vscode.commands.executeCommand('setContext', contextKeys.terminal, this.#activeHalf() !== null);
  }

  async #build(): Promise<void> {
    const argv = await this.#connection.request('ui/pair', {});
    await vscode.commands.executeCommand('vscode.setEditorLayout', { orientation: 1, groups: [{ size: 0.5 }, { size: 0.5 }] });
    this.#open('remote', argv.viewer);
    this.#open('agent', argv.agent);
    // Without this the second terminal takes the focus from whoever gets it next.
    await Promise.all([...this.#terminals.values()].map((terminal) => terminal.processId));
  }

  #open(half: Half, argv: string[]): void {
    if (this.#terminals.has(half)) return;
    const [shellPath = 'sh', ...shellArgs] = argv;
    const terminal = vscode.window.createTerminal({
      name: names[half],
      shellPath,
      shellArgs,
      isTransient: true,
      iconPath: new vscode.ThemeIcon(half === 'remote' ? 'remote' : 'hubot'),
      location: { viewColumn: columns[half], preserveFocus: true },
    });
    this.#terminals.set(half, terminal);
  }

  #activeHalf(): Half | null {
    const { activeTerminal } = vscode.window;
    const { activeTab } = vscode.window.tabGroups.activeTabGroup;
    // A terminal stays the active one while a file is visited: the active tab tells.
    if (!(activeTab?.input instanceof vscode.TabInputTerminal)) return null;
    for (const [half, terminal] of this.#terminals) if (terminal === activeTerminal && activeTab.label === terminal.name) return half;
    return null;
  }

  /** The focus mode is sticky: only the halves themselves change it, visiting a file does not. */
  #tellFocus(): void {
    const half = this.#activeHalf();
    void vscode.commands.executeCommand('setContext', contextKeys.terminal, half !== null);
    const { status } = this.#connection;
    if (this.#isArranging || half === null || !status?.selected.host || status.selected.focus === half) return;
    this.#connection.request('select', { host: status.selected.host, session: null, focus: half }).catch(this.#onError);
  }
}
