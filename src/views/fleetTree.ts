import * as vscode from 'vscode';
import type { Connection } from './connection.ts';
import { commandIds, viewId } from './ids.ts';
import { needCount, rowsOf, type Row, type TreeOptions } from './treeItems.ts';

/** The tree of hosts and sessions. Only rows that say something else are told to change. */
export class FleetTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly #connection: Connection;
  readonly #view: vscode.TreeView<Row>;
  readonly #changed = new vscode.EventEmitter<Row | undefined>();
  readonly #subscription: { dispose(): void };
  #rows: Row[] = [];
  #byId = new Map<string, Row>();
  #options: TreeOptions = { filter: '', sortByNeed: false };
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(connection: Connection) {
    this.#connection = connection;
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

  /** Compares the new rows with the shown ones and tells the smallest change. */
  refresh(): void {
    const { status } = this.#connection;
    const rows = status ? rowsOf(status, this.#options) : [];
    const before = this.#byId;
    this.#rows = rows;
    this.#byId = new Map(rows.flatMap((row) => [row, ...row.children]).map((row) => [row.id, row]));
    this.#setBadge(status ? needCount(status) : 0);
    if (shape([...before.values()].filter((row) => row.kind === 'host')) !== shape(rows)) {
      this.#changed.fire(undefined);
      return;
    }
    for (const row of rows) {
      const old = before.get(row.id);
      if (!old || shape(old.children) !== shape(row.children) || look(old) !== look(row)) this.#changed.fire(row);
      else for (const child of row.children) if (look(before.get(child.id)) !== look(child)) this.#changed.fire(child);
    }
  }

  getChildren(row?: Row): Row[] {
    return row === undefined ? this.#rows : (this.#byId.get(row.id)?.children ?? []);
  }

  getParent(row: Row): Row | undefined {
    return row.kind === 'host' ? undefined : this.#byId.get(`host:${row.host}`);
  }

  getTreeItem(shown: Row): vscode.TreeItem {
    const row = this.#byId.get(shown.id) ?? shown;
    const item = new vscode.TreeItem(row.label, row.kind === 'host' ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None);
    item.id = row.id;
    item.description = row.description;
    item.tooltip = row.tooltip;
    item.contextValue = row.context;
    item.iconPath = new vscode.ThemeIcon(row.icon.name, row.icon.color === null ? undefined : new vscode.ThemeColor(row.icon.color));
    item.accessibilityInformation = { label: row.speech };
    if (row.session !== null) item.command = { command: commandIds.openSession, title: 'Open', arguments: [row] };
    return item;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#view.dispose();
    this.#changed.dispose();
  }

  #setBadge(needs: number): void {
    this.#view.badge = needs === 0 ? undefined : { value: needs, tooltip: `${needs} ${needs === 1 ? 'session needs' : 'sessions need'} you` };
  }
}

const shape = (rows: Row[]): string => rows.map((row) => row.id).join('\n');

const look = (row: Row | undefined): string => (row ? JSON.stringify({ ...row, children: [] }) : '');
