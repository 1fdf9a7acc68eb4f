import * as vscode from 'vscode';
import { z } from 'zod';
import type { HostView, StatusView } from '../supervisor/protocol/statusView.ts';
import type { Connection } from './connection.ts';
import { commandIds } from './ids.ts';
import { adoptSessions } from './adoptSessions.ts';
import type { AccountPasswords } from './passwords.ts';
import { setUpAccounts } from './setupAccounts.ts';
import { plain } from './treeItems.ts';

/** What setup works with: `call` runs a command of the CLI and returns what it printed. */
export type SetupDeps = { connection: Connection; call: (args: string[], input?: string) => Promise<string>; passwords: AccountPasswords };

const hostRow = z.object({ alias: z.string(), sshTarget: z.string(), wake: z.boolean(), approvals: z.enum(['bypass', 'ask']), remoteAuth: z.enum(['ask', 'allow', 'never']) });
type HostRow = z.infer<typeof hostRow>;
const hostList = z.object({ hosts: z.array(hostRow), sshAliases: z.array(z.string()) });

/** ssh's own limit for a connection is 10 s; the rest is for the first listing. */
const patienceMs = 15_000;

/** Setup as quick picks, the steps of `cockpit setup` (CONF-4): hosts, accounts, then per host what cockpit does there. Escape ends it; what was answered stays. */
export async function runSetup(deps: SetupDeps): Promise<void> {
  const { call, connection } = deps;
  const before = hostList.parse(JSON.parse(await call(['host', 'list', '--json'])));
  const chosen = await chooseHosts(before);
  if (chosen === null) return;
  const removed = before.hosts.filter(({ alias }) => !chosen.includes(alias)).map(({ alias }) => alias);
  const added = chosen.filter((alias) => !before.hosts.some((host) => host.alias === alias));
  if (removed.length > 0) await call(['host', 'remove', ...removed]);
  if (added.length > 0) await call(['host', 'add', ...added]);
  if (!(await setUpAccounts(deps))) return;
  if (chosen.length === 0) return;
  connection.start(true);
  const { hosts } = hostList.parse(JSON.parse(await call(['host', 'list', '--json'])));
  const views = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: 'Cockpit: connecting to the hosts…' }, () => settledHosts(connection, chosen));
  // Hosts that were there before have their settings; they are in the list again to be looked at when nothing is new.
  for (const host of hosts.filter(({ alias }) => added.length === 0 || added.includes(alias))) {
    const view = views.find(({ alias }) => alias === host.alias);
    if (!(await reviewHost(deps, host, view))) return;
  }
  await vscode.commands.executeCommand(commandIds.goToSession);
}

type HostItem = vscode.QuickPickItem & { alias: string | null };

/** The aliases that shall be hosts, or null if the person left. */
async function chooseHosts({ hosts, sshAliases }: z.infer<typeof hostList>): Promise<string[] | null> {
  const byName: HostItem = { label: '$(add) Another host, by name…', alias: null };
  const items: HostItem[] = [
    ...hosts.map(({ alias, sshTarget }) => ({ label: plain(alias), description: sshTarget === alias ? 'in the configuration' : `in the configuration, ssh ${plain(sshTarget)}`, alias, picked: true })),
    ...sshAliases.map((alias) => ({ label: plain(alias), description: 'from your ssh configuration', alias })),
    byName,
  ];
  const picked = await vscode.window.showQuickPick(items, { canPickMany: true, ignoreFocusOut: true, title: 'Cockpit setup (1/3): hosts', placeHolder: 'Which hosts shall cockpit watch? It needs only what you type after ssh' });
  if (!picked) return null;
  const chosen = picked.flatMap(({ alias }) => (alias === null ? [] : [alias]));
  if (!picked.includes(byName)) return chosen;
  const typed = await vscode.window.showInputBox({ ignoreFocusOut: true, title: 'Cockpit setup (1/3): hosts', prompt: 'What you type after ssh; several with blanks between them' });
  if (typed === undefined) return null;
  return [...new Set([...chosen, ...typed.split(/\s+/).filter((word) => word !== '')])];
}

/** The hosts once none of them is connecting any more and their listings came, or as they are after 15 s. */
async function settledHosts(connection: Connection, aliases: readonly string[]): Promise<HostView[]> {
  const isSettled = (status: StatusView | null) => aliases.every((alias) => status?.hosts.some((host) => host.alias === alias && host.state !== 'connecting' && (host.state !== 'online' || host.ageMs !== null)));
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer);
      subscription.dispose();
      resolve();
    };
    const timer = setTimeout(end, patienceMs);
    const look = () => {
      if (isSettled(connection.status) || connection.phase.kind === 'failed') end();
    };
    const subscription = connection.onDidChange(look);
    look();
  });
  return connection.status?.hosts ?? [];
}

type SettingItem = vscode.QuickPickItem & { args: { on: string[]; off: string[] } };

/** Adoption and settings of one host; false if the person left. */
async function reviewHost({ connection, call }: SetupDeps, host: HostRow, view: HostView | undefined): Promise<boolean> {
  const title = `Cockpit setup (3/3): ${plain(host.alias)}`;
  if (view?.state === 'online') {
    if (!(await adoptSessions(connection, host.alias, title))) return false;
  } else if (view?.state === 'needs-login') await vscode.commands.executeCommand(commandIds.connect, { host: host.alias });
  const items: SettingItem[] = [
    { label: 'Wake its agents', description: 'nudge them when they have been idle for a while', picked: host.wake, args: { on: ['--wake'], off: ['--no-wake'] } },
    { label: 'Allow remote auth', description: 'copy a login of yours there when its codex needs one; else you are asked', picked: host.remoteAuth === 'allow', args: { on: ['--remote-auth', 'allow'], off: host.remoteAuth === 'allow' ? ['--remote-auth', 'ask'] : [] } },
    { label: 'Codex with approvals', description: 'an agent that launches codex there again does it without --dangerously-bypass-approvals-and-sandbox', picked: host.approvals === 'ask', args: { on: ['--approvals', 'ask'], off: ['--approvals', 'bypass'] } },
  ];
  const facts = view?.facts;
  const machine = facts ? `${facts.hostname}, ${facts.os}, ${facts.cpus} CPUs` : (view?.lastError ?? view?.state ?? 'not connected');
  const picked = await vscode.window.showQuickPick(items, { canPickMany: true, ignoreFocusOut: true, title, placeHolder: plain(`${machine}: what may cockpit do there?`) });
  if (!picked) return false;
  await call(['host', 'add', host.alias, ...items.flatMap((item) => (picked.includes(item) ? item.args.on : item.args.off))]);
  return true;
}
