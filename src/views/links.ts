import * as vscode from 'vscode';
import { commandIds } from './ids.ts';

/** `vscode://cockpit.cockpit/open?host=H&session=S` opens a pair; it selects and types nothing. */
export function registerLinks(): vscode.Disposable {
  return vscode.window.registerUriHandler({
    handleUri(uri) {
      const query = new URLSearchParams(uri.query);
      const host = query.get('host');
      const session = query.get('session');
      if (uri.path !== '/open' || host === null || session === null) {
        void vscode.window.showWarningMessage('Cockpit: this link names no session.');
        return;
      }
      void vscode.commands.executeCommand(commandIds.openSession, { host, session: `${host}/${session}` });
    },
  });
}
