import * as vscode from 'vscode';
import type { StatusView } from '../supervisor/protocol/statusView.ts';
import type { Connection } from './connection.ts';
import { commandIds } from './ids.ts';
import { needsYou, plain } from './treeItems.ts';

/** Tells once when a session starts to need a person and is not the one on view (VSC-6); and every notice of the supervisor once. */
export class Notifications implements vscode.Disposable {
  readonly #subscription: { dispose(): void };
  #needing = new Map<string, string>();
  readonly #noticed = new Set<string>();
  #isFirst = true;

  constructor(connection: Connection, isPairShown: () => boolean) {
    this.#subscription = connection.onDidChange((phase) => {
      if (phase.kind !== 'running') return;
      this.#tellNotices(phase.status);
      this.#tellNeeds(phase.status, isPairShown());
    });
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  #tellNotices(status: StatusView): void {
    for (const notice of status.supervisor.notices) {
      if (this.#noticed.has(notice)) continue;
      this.#noticed.add(notice);
      void vscode.window.showWarningMessage(`Cockpit: ${plain(notice)}`);
    }
  }

  #tellNeeds(status: StatusView, isPairShown: boolean): void {
    const now = new Map<string, string>();
    for (const host of status.hosts) {
      for (const session of host.sessions) {
        if (!needsYou(session)) continue;
        now.set(session.key, session.state);
        const isOnView = isPairShown && status.selected.host === host.alias && status.selected.session === session.id;
        if (this.#needing.get(session.key) === session.state || isOnView || this.#isFirst) continue;
        void this.#tell(`${host.alias}/${session.id}`, `${plain(session.name)} on ${plain(host.alias)}`, session.state);
      }
    }
    this.#needing = now;
    this.#isFirst = false;
  }

  async #tell(session: string, name: string, state: string): Promise<void> {
    if (!vscode.workspace.getConfiguration('cockpit').get('notifications', true)) return;
    const chosen = await vscode.window.showInformationMessage(`${name}: ${state}`, 'Open', 'Peek');
    if (chosen === 'Open') await vscode.commands.executeCommand(commandIds.openSession, { session });
    if (chosen === 'Peek') await vscode.commands.executeCommand(commandIds.peek, { session });
  }
}
