import * as vscode from 'vscode';
import { z } from 'zod';
import type { SetupDeps } from './setupFlow.ts';
import { plain } from './treeItems.ts';

const accountList = z.object({ accounts: z.array(z.object({ key: z.string(), email: z.string() })) });
const title = 'Cockpit setup (2/3): accounts';

type Item = vscode.QuickPickItem & { does: 'done' | 'add' | 'change'; key: string };

/** The accounts loop of setup, in order of priority; false if the person left. Without accounts agents use the person's own Codex login. */
export async function setUpAccounts({ call }: Pick<SetupDeps, 'call'>): Promise<boolean> {
  for (;;) {
    const { accounts } = accountList.parse(JSON.parse(await call(['account', 'list', '--json'])));
    const items: Item[] = [
      { label: '$(check) Done', description: accounts.length === 0 ? 'agents use your own codex login' : 'agents use these, in this order', does: 'done', key: '' },
      { label: '$(add) Add an account…', does: 'add', key: '' },
      ...accounts.map(({ key, email }) => ({ label: plain(key), description: plain(email), does: 'change' as const, key })),
    ];
    const chosen = await vscode.window.showQuickPick(items, { ignoreFocusOut: true, title, placeHolder: 'Accounts of Codex' });
    if (!chosen) return false;
    if (chosen.does === 'done') return true;
    if (chosen.does === 'add') await addAccount(call);
    else await changeAccount(call, chosen.key);
  }
}

async function addAccount(call: SetupDeps['call']): Promise<void> {
  const key = await vscode.window.showInputBox({ ignoreFocusOut: true, title, prompt: 'Short name of the account' });
  if (!key) return;
  const email = await vscode.window.showInputBox({ ignoreFocusOut: true, title, prompt: `E-mail address of ${key}` });
  if (!email) return;
  if (!(await told(call(['account', 'add', key, email])))) return;
  await keepPassword(call, key);
}

async function changeAccount(call: SetupDeps['call'], key: string): Promise<void> {
  const chosen = await vscode.window.showQuickPick(['Set its password', 'Remove it from cockpit'], { ignoreFocusOut: true, title: plain(key) });
  if (chosen === 'Set its password') await keepPassword(call, key);
  if (chosen === 'Remove it from cockpit') await told(call(['account', 'remove', key]));
}

/** The password goes to the CLI through stdin, and from there into the keyring or secrets.yaml (CONF-6). */
async function keepPassword(call: SetupDeps['call'], key: string): Promise<void> {
  const password = await vscode.window.showInputBox({ ignoreFocusOut: true, password: true, title, prompt: `Password of ${key} for \`cockpit login-accounts\`; empty: none, you type it into the browser` });
  if (password) await told(call(['secret', 'set', key], `${password}\n`));
}

/** What was refused is shown, and the person may try again. */
async function told(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    await vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
    return false;
  }
}
