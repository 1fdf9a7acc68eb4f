import { accountHomeOf, forgetAccount } from '../accounts/account.ts';
import { loggedInAs, notLoggedIn } from '../accounts/logIn.ts';
import { applyConfig } from '../applyConfig.ts';
import { readConfig } from '../configEdit.ts';
import { pathsFor, type GlobalOptions } from '../context.ts';
import { plain, say, sayJson } from '../io.ts';
import { requireKnown } from './hosts.ts';

/** `cockpit account list`: the accounts of the configuration in their order; never a password. */
export async function listAccounts(options: GlobalOptions, own: { json?: boolean }): Promise<void> {
  const paths = pathsFor(options);
  const accounts = (await readConfig(paths))?.accounts ?? [];
  if (own.json) {
    const out = await notLoggedIn(paths, accounts);
    sayJson({ accounts: accounts.map(({ key, email }) => ({ key, email, loggedIn: !out.includes(key) })) });
    return;
  }
  if (accounts.length === 0) say('No accounts: agents use your own codex login. `cockpit account add NAME EMAIL` adds one.');
  for (const { key, email } of accounts) say(plain(`${key} (${email})`));
}

/** `cockpit account add NAME EMAIL`: at the end of the order, or another address for the one that is there. */
export async function addAccount(options: GlobalOptions, key: string, email: string): Promise<void> {
  await applyConfig(options, [{ kind: 'account', account: { key, email } }]);
  say(plain(`In the configuration: ${key} (${email}). \`cockpit secret set ${key}\` keeps its password.`));
}

/** `cockpit account remove NAME`: its password and its browser profile go too. */
export async function removeAccount(options: GlobalOptions, key: string): Promise<void> {
  const paths = pathsFor(options);
  requireKnown('account', [key], ((await readConfig(paths))?.accounts ?? []).map((account) => account.key));
  await applyConfig(options, [{ kind: 'remove-account', key }]);
  await forgetAccount(paths, key);
  const left = (await loggedInAs(paths, key)) === undefined ? '' : ` Its login stays in ${accountHomeOf(paths, key)}; delete that folder when no agent works with it any more.`;
  say(plain(`Removed ${key}.${left}`));
}
