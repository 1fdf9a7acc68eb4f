import * as vscode from 'vscode';
import type { Connection } from './connection.ts';
import { plain } from './treeItems.ts';

/** Lets the person pick tmux sessions of a host that cockpit does not manage, and takes them over (DISC-11); false if they left. With none to pick it is done. */
export async function adoptSessions(connection: Connection, host: string, title: string): Promise<boolean> {
  const others = await unmanagedSessions(connection, host);
  if (others.length === 0) return true;
  const chosen = await vscode.window.showQuickPick(
    others.map((row) => ({ label: plain(row.name), description: plain(row.command), id: row.id })),
    { canPickMany: true, ignoreFocusOut: true, title, placeHolder: 'Adopt which sessions? Each is renamed to cockpit-… and gets an agent; "Give Back" undoes it' },
  );
  for (const row of chosen ?? []) await connection.request('session/adopt', { session: `${host}/${row.id}` });
  return chosen !== undefined;
}

/** The tmux sessions of a host that cockpit does not manage. */
export async function unmanagedSessions(connection: Connection, host: string) {
  return (await connection.request('host/sessions', { host })).sessions.filter((row) => !row.managed);
}
