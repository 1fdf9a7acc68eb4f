import * as vscode from 'vscode';
import type { Connection } from './connection.ts';
import { viewId } from './ids.ts';
import { changesBetween } from './rowChanges.ts';
import { openRowCommand, treeItemOf } from './treeItem.ts';
import { needCount, rowsOf, type Row, type TreeOptions } from './treeItems.ts';

/** The editor drops news of a tree that come within 200 ms of the last, for as long as they come. */
const tellEveryMs = 250;

/** The tree of hosts and sessions. Only rows that say something else are told to change. */
export class FleetTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly #connection: Connection;
  readonly #onError: (error: unknown) => void;
  readonly #view: vscode.TreeView<Row>;
  readonly #changed = new vscode.EventEmitter<Row[] | undefined>();
  readonly #subscription: { dispose(): void };
  #rows: Row[] = [];
  /** What the editor has not been told yet. */
  #untold: Set<Row> | 'all' = new Set();
  #toldMs = -Infinity;
  #telling: NodeJS.Timeout | null = null;
  /** `session` of the row that was shown as the chosen one last. */
  #revealed: string | null = null;
  #options: TreeOptions = { filter: '', sortByNeed: false };
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(connection: Connection, onError: (error: unknown) => void) {
    this.#connection = connection;
    this.#onError = onError;
    this.#view = vscode.window.createTreeView(viewId, { treeDataProvider: this, showCollapseAll: true });
    this.#subscription = connection.onDidChange(() => {
      this.refresh();
    });
  }

  get options(): TreeOptions {
    return this.#options;
  }

  setOptions(options: Partial<TreeOptions>): void {
    this.#options = { ...this.#options, ...options };
    this.#view.description = this.#options.filter === '' ? '' : `filter: ${this.#options.filter}`;
    this.refresh();
  }

  /** The row that the person chose last. */
  get selected(): Row | undefined {
    return this.#view.selection[0];
  }

  /** Brings the shown rows in step and tells the smallest change. */
  refresh(): void {
    const { status } = this.#connection;
    this.#setBadge(status ? needCount(status) : 0);
    const { rows, changed } = changesBetween(this.#rows, status ? rowsOf(status, this.#options) : []);
    this.#rows = rows;
    if (changed === 'all' || this.#untold === 'all') this.#untold = 'all';
    else for (const row of changed) this.#untold.add(row);
    this.#telling ??= setTimeout(() => { this.#tell(); }, Math.max(0, this.#toldMs + tellEveryMs - performance.now()));
  }

  #tell(): void {
    this.#telling = null;
    const untold = this.#untold;
    this.#untold = new Set();
    if (untold === 'all' || untold.size > 0) {
      this.#toldMs = performance.now();
      this.#changed.fire(untold === 'all' ? undefined : [...untold]);
    }
    this.#revealSelected();
  }

  /** The row of the session on view is the chosen one, whoever chose it. */
  #revealSelected(): void {
    const { host = null, session = null } = this.#connection.status?.selected ?? {};
    const ref = session === null ? null : `${host ?? ''}/${session}`;
    if (ref === this.#revealed || !this.#view.visible) return;
    const row = this.#rows.flatMap((one) => one.children).find((one) => one.session === ref);
    if (!row) return;
    this.#revealed = ref;
    // A click in the tree has chosen it already, and its keys are on their way into the pair.
    if (this.selected !== row) this.#view.reveal(row, { select: true, focus: false }).then(undefined, this.#onError);
  }

  getChildren(row?: Row): Row[] {
    return row === undefined ? this.#rows : row.children;
  }

  getParent(row: Row): Row | undefined {
    return row.kind === 'host' ? undefined : this.#rows.find((host) => host.host === row.host);
  }

  getTreeItem(row: Row): vscode.TreeItem {
    const item = treeItemOf(row);
    if (row.session !== null) item.command = openRowCommand;
    return item;
  }

  dispose(): void {
    if (this.#telling) clearTimeout(this.#telling);
    this.#subscription.dispose();
    this.#view.dispose();
    this.#changed.dispose();
  }

  #setBadge(needs: number): void {
    const badge = needs === 0 ? undefined : { value: needs, tooltip: `${needs} ${needs === 1 ? 'session needs' : 'sessions need'} you` };
    if (this.#view.badge?.value !== badge?.value) this.#view.badge = badge;
  }
}
