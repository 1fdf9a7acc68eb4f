import { input, password, select } from '@inquirer/prompts';
import { passwordProblem } from '../accounts/askPassword.ts';
import { problemOf } from '../configEdit.ts';
import { withAccount, withoutAccount, withPassword, type Draft } from './draft.ts';

type Choice = { kind: 'account'; key: string } | { kind: 'add' | 'done' };

const add: Choice = { kind: 'add' };
const done: Choice = { kind: 'done' };
const anyEmail = 'me@example.com';

/** The accounts loop of setup, in order of priority. Without accounts agents use the operator's own Codex login. */
export async function askAccounts(before: Draft, signal: AbortSignal): Promise<Draft> {
  let draft = before;
  for (;;) {
    const choices = [
      ...draft.accounts.map(({ key, email }) => ({ name: `${key} (${email})  edit or remove`, value: { kind: 'account', key } satisfies Choice })),
      { name: 'Add an account', value: add },
      { name: draft.accounts.length === 0 ? 'Done (agents use your own codex login)' : 'Done', value: done },
    ];
    const chosen = await select<Choice>({ message: 'Accounts', choices, default: done, loop: false, pageSize: 15 }, { signal });
    switch (chosen.kind) {
      case 'done':
        return draft;
      case 'add':
        draft = await addAccount(draft, signal);
        break;
      case 'account':
        draft = await editAccount(draft, chosen.key, signal);
        break;
    }
  }
}

async function addAccount(draft: Draft, signal: AbortSignal): Promise<Draft> {
  const isNew = (key: string) => (draft.accounts.some((account) => account.key === key) ? 'There is an account of this name already.' : (problemOf({ account: { key, email: anyEmail } }) ?? true));
  const key = await input({ message: 'Short name of the account', validate: isNew }, { signal });
  return await askPassword(withAccount(draft, key, await askEmail(key, undefined, signal)), key, signal);
}

async function editAccount(draft: Draft, key: string, signal: AbortSignal): Promise<Draft> {
  const old = draft.accounts.find((account) => account.key === key);
  const what = await select({ message: key, choices: [{ name: 'Edit its e-mail address', value: 'edit' }, { name: 'Remove it from cockpit', value: 'remove' }, { name: 'Set its password', value: 'password' }, { name: 'Back', value: 'back' }] }, { signal });
  if (what === 'remove') return withoutAccount(draft, key);
  if (what === 'password') return await askPassword(draft, key, signal);
  return what === 'edit' ? withAccount(draft, key, await askEmail(key, old?.email, signal)) : draft;
}

async function askPassword(draft: Draft, key: string, signal: AbortSignal): Promise<Draft> {
  const validate = (typed: string) => (typed === '' ? true : (passwordProblem(typed) ?? true));
  return withPassword(draft, key, await password({ message: 'Password for `cockpit login-accounts` (empty: none, you type it into the browser)', mask: false, validate }, { signal }));
}

async function askEmail(key: string, old: string | undefined, signal: AbortSignal): Promise<string> {
  const validate = (email: string) => problemOf({ account: { key, email } }) ?? true;
  return await input({ message: 'E-mail address', validate, ...(old === undefined ? {} : { default: old }) }, { signal });
}
