import * as vscode from 'vscode';
import { z } from 'zod';
import { askPassword } from './logIn.ts';
import type { SetupDeps } from './setupFlow.ts';
import { plain } from './treeItems.ts';

const accountList = z.object({ accounts: z.array(z.object({ key: z.string(), email: z.string() })) });
const title = 'Cockpit setup (2/3): accounts';

type Deps = Pick<SetupDeps, 'call' | 'passwords'>;
type Item = vscode.QuickPickItem & { does: 'done' | 'add' | 'change'; key: string };

/** The accounts loop of setup, in order of priority; false if the person left. Without accounts agents use the person's own Codex login. */
export async function setUpAccounts(deps: Deps): Promise<boolean> {
  for (;;) {
    const { accounts } = accountList.parse(JSON.parse(await deps.call(['account', 'list', '--json'])));
    const items: Item[] = [
      { label: '$(check) Done', description: accounts.length === 0 ? 'agents use your own codex login' : 'agents use these, in this order', does: 'done', key: '' },
      { label: '$(add) Add an account…', does: 'add', key: '' },
      ...accounts.map(({ key, email }) => ({ label: plain(key), description: plain(email), does: 'change' as const, key })),
    ];
    const chosen = await vscode.window.showQuickPick(items, { ignoreFocusOut: true, title, placeHolder: 'Accounts of Codex' });
    if (!chosen) return false;
    if (chosen.does === 'done') return true;
    if (chosen.does === 'add') await addAccount(deps);
    else await changeAccount(deps, chosen.key);
  }
}

async function addAccount({ call, passwords }: Deps): Promise<void> {
  const key = await vscode.window.showInputBox({ ignoreFocusOut: true, title, prompt: 'Short name of the account' });
  if (!key) return;
  const email = await vscode.window.showInputBox({ ignoreFocusOut: true, title, prompt: `E-mail address of ${key}` });
  if (!email) return;
  if (!(await told(call(['account', 'add', key, email])))) return;
  await told(askPassword(passwords, key, title));
}

async function changeAccount({ call, passwords }: Deps, key: string): Promise<void> {
  const chosen = await vscode.window.showQuickPick(['Set its password', 'Remove it from cockpit'], { ignoreFocusOut: true, title: plain(key) });
  if (chosen === 'Set its password') await told(askPassword(passwords, key, title));
  if (chosen === 'Remove it from cockpit') await told(Promise.all([call(['account', 'remove', key]), passwords.forget(key)]));
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
