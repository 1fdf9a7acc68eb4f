import * as vscode from 'vscode';
import type { StatusView } from '../supervisor/protocol/statusView.ts';
import type { Connection } from './connection.ts';
import { commandIds, needsViewId } from './ids.ts';
import { needRowsOf } from './needRows.ts';
import { changesBetween } from './rowChanges.ts';
import { treeItemOf } from './treeItem.ts';
import { needCount, type Row } from './treeItems.ts';

/** What is asked is read again at most this often while the fleet changes, … */
const readEveryMs = 500;
/** … and this often while it does not, because a menu can change without another state, and ages grow. */
const readAgainMs = 5_000;

/** The list of what waits for the person over all hosts, the longest first, with what is asked. It asks the supervisor only while it is on view and something waits. */
export class NeedsTree implements vscode.TreeDataProvider<Row>, vscode.Disposable {
  readonly #connection: Connection;
  readonly #onError: (error: unknown) => void;
  readonly #changed = new vscode.EventEmitter<Row[] | undefined>();
  readonly #resources: { dispose(): unknown }[] = [];
  #rows: Row[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isReading = false;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor(connection: Connection, onError: (error: unknown) => void) {
    this.#connection = connection;
    this.#onError = onError;
    const view = vscode.window.createTreeView(needsViewId, { treeDataProvider: this });
    let seen = '';
    this.#resources.push(
      view,
      this.#changed,
      view.onDidChangeVisibility(() => { this.#readIn(view.visible ? 0 : null); }),
      connection.onDidChange(() => {
        const now = needsIn(connection.status);
        if (now === seen) return;
        seen = now;
        this.#readIn(view.visible ? readEveryMs : null);
      }),
    );
    this.#readIn(view.visible ? 0 : null);
  }

  /** Reads what waits, now. */
  refresh(): void {
    this.#readIn(0);
  }

  getChildren(row?: Row): Row[] {
    return row === undefined ? this.#rows : row.children;
  }

  getTreeItem(row: Row): vscode.TreeItem {
    const item = treeItemOf(row);
    if (row.kind === 'option') item.command = { command: commandIds.answer, title: 'Answer', arguments: [{ session: row.session }] };
    if (row.kind === 'session') item.command = { command: commandIds.openSession, title: 'Open', arguments: [{ session: row.session }] };
    return item;
  }

  dispose(): void {
    this.#readIn(null);
    for (const resource of this.#resources) resource.dispose();
  }

  /** Null: not before something happens. */
  #readIn(ms: number | null): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (ms !== null) this.#readUnlessSooner(ms);
  }

  #readUnlessSooner(ms: number): void {
    this.#timer ??= setTimeout(() => { this.#read().catch(this.#onError); }, ms);
  }

  async #read(): Promise<void> {
    this.#timer = null;
    if (this.#isReading) {
      this.#readIn(readEveryMs);
      return;
    }
    this.#isReading = true;
    try {
      const { status } = this.#connection;
      const waits = status !== null && needCount(status) > 0;
      this.#show(waits ? needRowsOf((await this.#connection.request('attention/list', {})).waiting) : []);
      if (waits) this.#readUnlessSooner(readAgainMs);
    } finally {
      this.#isReading = false;
    }
  }

  #show(wanted: Row[]): void {
    const { rows, changed } = changesBetween(this.#rows, wanted);
    this.#rows = rows;
    if (changed === 'all' || changed.length > 0) this.#changed.fire(changed === 'all' ? undefined : changed);
  }
}

/** Who waits with what, as text: what a change of the fleet means for this view. */
function needsIn(status: StatusView | null): string {
  return (status?.hosts ?? []).flatMap((host) => host.sessions.map((session) => `${host.alias}/${session.id} ${session.state} ${session.name} ${session.title}`)).join('\n');
}
