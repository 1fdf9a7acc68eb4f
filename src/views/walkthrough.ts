import * as vscode from 'vscode';
import type { Connection } from './connection.ts';

const shownKey = 'walkthroughShown';

/** Shows the walkthrough the first time that a person comes here and nothing is configured; never again by itself. */
export function offerWalkthrough(connection: Connection, context: vscode.ExtensionContext, onError: (error: unknown) => void): { dispose(): void } {
  return connection.onDidChange(({ kind }) => {
    if (kind !== 'noConfig' || context.globalState.get(shownKey) === true) return;
    context.globalState.update(shownKey, true).then(() => vscode.commands.executeCommand('workbench.action.openWalkthrough', `${context.extension.id}#welcome`, false)).then(undefined, onError);
  });
}
