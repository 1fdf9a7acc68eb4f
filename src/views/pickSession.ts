import * as vscode from 'vscode';
import type { SessionView, StatusView } from '../supervisor/protocol/statusView.ts';
import { needsYou, plain } from './treeItems.ts';

/** Lets the person pick a session of any host (of those that count), those that need somebody first; `HOST/$ID` or null. */
export async function pickSession(status: StatusView, placeHolder: string, counts: (session: SessionView) => boolean = () => true): Promise<string | null> {
  const items = status.hosts.flatMap((host) =>
    host.sessions.filter(counts).map((session) => ({
      label: `${needsYou(session) ? '$(bell-dot) ' : ''}${plain(session.name)}`,
      description: plain(host.alias),
      detail: `${session.state}, ${session.owner === 'human' ? 'you write' : session.owner}`,
      session: `${host.alias}/${session.id}`,
      needs: needsYou(session),
    })),
  );
  items.sort((a, b) => Number(b.needs) - Number(a.needs));
  const chosen = await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true, matchOnDetail: true });
  return chosen?.session ?? null;
}

/** Lets the person pick a host; its alias or null. */
export async function pickHost(status: StatusView, placeHolder: string): Promise<string | null> {
  if (status.hosts.length === 1) return status.hosts[0]?.alias ?? null;
  const chosen = await vscode.window.showQuickPick(
    status.hosts.map((host) => ({ label: plain(host.alias), description: host.state, alias: host.alias })),
    { placeHolder },
  );
  return chosen?.alias ?? null;
}
