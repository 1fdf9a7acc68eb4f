import * as vscode from 'vscode';
import type { Connection } from './connection.ts';

const profileId = 'cockpit.terminal';

/** The terminal profile that opens the terminal cockpit, with its own keys and status line, in one terminal. */
export function registerTerminalProfile(connection: Connection): vscode.Disposable {
  return vscode.window.registerTerminalProfileProvider(profileId, {
    async provideTerminalProfile() {
      const [shellPath = 'tmux', ...shellArgs] = (await connection.request('ui/terminal', {})).argv;
      return new vscode.TerminalProfile({ name: 'Cockpit', shellPath, shellArgs, env: { TMUX: null }, isTransient: true });
    },
  });
}
