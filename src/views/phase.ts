import * as vscode from 'vscode';
import type { Connection } from './connection.ts';
import { contextKeys } from './ids.ts';

/** Tells when clauses (welcome texts, menus) where the window is with its supervisor. */
export function showPhase(connection: Connection): { dispose(): void } {
  const tell = () => void vscode.commands.executeCommand('setContext', contextKeys.phase, connection.phase.kind);
  tell();
  return connection.onDidChange(tell);
}
