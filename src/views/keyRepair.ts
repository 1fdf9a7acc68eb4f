import * as vscode from 'vscode';
import { missingKeyCommands } from './functionKeys.ts';
import { commandIds } from './ids.ts';

/** Offers to repair the function keys when the person's own list hides them from terminals (VSC-4). */
export async function offerKeyRepair(): Promise<void> {
  const own = vscode.workspace.getConfiguration('terminal.integrated').get<string[]>('commandsToSkipShell', []);
  if (missingKeyCommands(own).length === 0 || !vscode.workspace.getConfiguration('cockpit').get<boolean>('functionKeys', true)) return;
  const chosen = await vscode.window.showInformationMessage('Your own "terminal.integrated.commandsToSkipShell" keeps F1 to F12 from Cockpit in its terminals.', 'Add them', 'Leave it');
  if (chosen === 'Add them') await vscode.commands.executeCommand(commandIds.repairKeys);
}
