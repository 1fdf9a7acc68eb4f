import * as vscode from 'vscode';
import { z } from 'zod';
import { hasScreen } from '../supervisor/base/desktopEnv.ts';
import { HumanError } from '../supervisor/base/errors.ts';
import type { AccountPasswords } from './passwords.ts';
import { plain } from './treeItems.ts';

export type LogInDeps = {
  call: (args: string[], input?: string) => Promise<string>;
  passwords: AccountPasswords;
  /** Runs a command of the CLI in a terminal, with `input` on its stdin. */
  showWithInput: (name: string, args: string[], input: string) => void;
};

const accountList = z.object({ accounts: z.array(z.object({ key: z.string(), email: z.string(), loggedIn: z.boolean() })) });
const title = 'Log accounts in';

/** Logs accounts in (ACCT-5): asks which and how, then the command line does it in a terminal, with the passwords that the editor keeps. */
export async function logAccountsIn({ call, passwords, showWithInput }: LogInDeps): Promise<void> {
  const { accounts } = accountList.parse(JSON.parse(await call(['account', 'list', '--json'])));
  if (accounts.length === 0) throw new HumanError('no-account', 'There are no accounts. "Cockpit: Set Up Hosts and Accounts" adds one; without any, agents use your own codex login.');
  const items = accounts.map(({ key, email, loggedIn }) => ({ label: plain(key), description: loggedIn ? `${plain(email)}, logged in` : plain(email), picked: !loggedIn, key }));
  const picked = await vscode.window.showQuickPick(items, { canPickMany: true, ignoreFocusOut: true, title: `${title} (1/2)`, placeHolder: 'Which accounts?' });
  if (!picked || picked.length === 0) return;
  const how = await vscode.window.showQuickPick(ways(), { ignoreFocusOut: true, title: `${title} (2/2)`, placeHolder: 'How?' });
  if (!how) return;
  const keys = picked.map(({ key }) => key);
  showWithInput('Log in', ['login-accounts', '--passwords-stdin', ...how.args, ...keys], JSON.stringify(await passwords.ownOf(keys)));
}

/** Chooses an account and keeps its password. */
export async function setPassword({ call, passwords }: Pick<LogInDeps, 'call' | 'passwords'>): Promise<void> {
  const { accounts } = accountList.parse(JSON.parse(await call(['account', 'list', '--json'])));
  const chosen = await vscode.window.showQuickPick(accounts.map(({ key, email }) => ({ label: plain(key), description: plain(email), key })), { ignoreFocusOut: true, title: 'Set the password of an account' });
  if (chosen) await askPassword(passwords, chosen.key, 'Set the password of an account');
}

/** Asks for the password of an account unseen and keeps it; empty changes nothing. */
export async function askPassword(passwords: AccountPasswords, key: string, heading: string): Promise<void> {
  const password = await vscode.window.showInputBox({ ignoreFocusOut: true, password: true, title: heading, prompt: `Password of ${plain(key)} for logging it in; empty: none, you type it into the browser` });
  if (password) await passwords.save(key, password);
}

function ways() {
  const window = { label: 'In a browser window', description: 'where a person is needed, it waits for you', args: [] };
  const hidden = { label: 'In a browser without a window', description: 'stops where a person is needed', args: ['--headless'] };
  const code = { label: 'By a code', description: 'that you enter into any browser on any machine', args: ['--device', '--by-hand'] };
  return hasScreen(process.env) ? [window, hidden, code] : [hidden, code];
}
