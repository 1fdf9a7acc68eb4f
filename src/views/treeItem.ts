import * as vscode from 'vscode';
import { commandIds } from './ids.ts';
import type { Row } from './treeItems.ts';

/** A row as the editor wants it. */
export function treeItemOf(row: Row): vscode.TreeItem {
  const item = new vscode.TreeItem(row.label, row.kind === 'host' || row.children.length > 0 ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None);
  item.id = row.id;
  item.description = row.description;
  item.tooltip = row.tooltip;
  item.contextValue = row.context;
  item.iconPath = new vscode.ThemeIcon(row.icon.name, row.icon.color === null ? undefined : new vscode.ThemeColor(row.icon.color));
  item.accessibilityInformation = { label: row.speech };
  return item;
}

/** What a click on a row of the fleet does. Without arguments: the editor forgets those of a row that changes just now, and with them the click. */
export const openRowCommand: vscode.Command = { command: commandIds.openRow, title: 'Open' };
