import * as vscode from 'vscode';
import { delay } from '../supervisor/base/clock.ts';
import type { StatusView } from '../supervisor/protocol/statusView.ts';
import type { Connection } from './connection.ts';
import { commandIds } from './ids.ts';
import { needsYou, plain } from './treeItems.ts';

/** A window without the person's eyes lets the others go first. */
const backgroundMs = 400;

type Need = { session: string; name: string; state: string; isOnView: boolean };

/** Tells once when a session starts to need a person and is not the one on view, in one window of all (VSC-6); and every notice of the supervisor once. */
export class Notifications implements vscode.Disposable {
  readonly #connection: Connection;
  readonly #onError: (error: unknown) => void;
  readonly #subscription: { dispose(): void };
  readonly #noticed = new Set<string>();
  /** Session key → state, of those that need a person; null before the first status, which tells nothing new. */
  #needing: Map<string, string> | null = null;

  constructor(connection: Connection, isPairVisible: () => boolean, onError: (error: unknown) => void) {
    this.#connection = connection;
    this.#onError = onError;
    this.#subscription = connection.onDidChange((phase) => {
      if (phase.kind !== 'running') return;
      this.#tellNotices(phase.status);
      for (const need of this.#newNeeds(phase.status, isPairVisible())) this.#tell(need).catch(this.#onError);
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

  #newNeeds(status: StatusView, isPairVisible: boolean): Need[] {
    const before = this.#needing;
    const needing = status.hosts.flatMap((host) => host.sessions.filter(needsYou).map((session) => ({ host, session })));
    this.#needing = new Map(needing.map(({ session }) => [session.key, session.state]));
    if (before === null) return [];
    return needing
      .filter(({ session }) => before.get(session.key) !== session.state)
      .map(({ host, session }) => ({
        session: `${host.alias}/${session.id}`,
        name: `${plain(session.name)} on ${plain(host.alias)}`,
        state: session.state,
        isOnView: isPairVisible && status.selected.host === host.alias && status.selected.session === session.id,
      }));
  }

  async #tell({ session, name, state, isOnView }: Need): Promise<void> {
    if (!vscode.window.state.focused) await delay(this.#connection.isOwner ? backgroundMs : 2 * backgroundMs);
    // Who looks at it claims too, so that no other window tells.
    const { yours } = await this.#connection.request('attention/claim', { session });
    if (!yours || isOnView || !vscode.workspace.getConfiguration('cockpit').get<boolean>('notifications', true)) return;
    const answer = state === 'needs-input' ? ['Answer…'] : [];
    const chosen = await vscode.window.showInformationMessage(`${name}: ${state}`, ...answer, 'Open', 'Peek');
    if (chosen === 'Answer…') await vscode.commands.executeCommand(commandIds.answer, { session });
    if (chosen === 'Open') await vscode.commands.executeCommand(commandIds.openSession, { session });
    if (chosen === 'Peek') await vscode.commands.executeCommand(commandIds.peek, { session });
  }
}
