import * as vscode from 'vscode';
import type { Connection } from './connection.ts';
import { commandIds } from './ids.ts';

/** `vscode://cockpit.cockpit/open?host=H&session=S` opens a pair; it selects and types nothing. */
export function registerLinks(connection: Connection): vscode.Disposable {
  return vscode.window.registerUriHandler({
    async handleUri(uri) {
      const query = new URLSearchParams(uri.query);
      const host = query.get('host');
      const session = query.get('session');
      if (uri.path !== '/open' || host === null || session === null) {
        void vscode.window.showWarningMessage('Cockpit: this link names no session.');
        return;
      }
      // The link may be what woke the extension.
      await connection.settled();
      await vscode.commands.executeCommand(commandIds.openSession, { host, session: `${host}/${session}` });
    },
  });
}
