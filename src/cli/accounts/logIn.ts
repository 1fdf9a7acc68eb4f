import { resolveCodex, supportsAppServer } from '../../supervisor/adapters/codex/codexBinary.ts';
import { CodexLogin, type LoginWay } from '../../supervisor/adapters/codex/codexLogin.ts';
import { readLogin } from '../../supervisor/adapters/codex/loginFile.ts';
import { HumanError } from '../../supervisor/base/errors.ts';
import type { Paths } from '../../supervisor/protocol/paths.ts';
import type { Config } from '../configEdit.ts';
import { accountHomeOf, type Account } from './account.ts';
import { browserFor, completeLogin, type CompleteContext, type CompleteOptions } from './completeLogin.ts';

/** How accounts are logged in. */
export type LogInOptions = CompleteOptions & { way: LoginWay };
export type LogInContext = CompleteContext & { config: Config };

/** The address that an account's home is logged in with (null: with a key), or undefined where it is not logged in. */
export async function loggedInAs(paths: Paths, key: string): Promise<string | null | undefined> {
  const login = await readLogin(accountHomeOf(paths, key));
  return login === null ? undefined : login.email;
}

/** Keys of the accounts that are not logged in. */
export async function notLoggedIn(paths: Paths, accounts: readonly Account[]): Promise<string[]> {
  const facts = await Promise.all(accounts.map(async ({ key }) => ({ key, as: await loggedInAs(paths, key) })));
  return facts.filter(({ as }) => as === undefined).map(({ key }) => key);
}

/** Logs one account in: Codex asks for the login, the browser (or the person) makes it, and the account's `auth.json` is there afterwards (ACCT-5). Rejects HumanError; nothing changed then. */
export async function logIn(account: Account, options: LogInOptions, context: LogInContext): Promise<void> {
  const { paths, config, env } = context;
  const binary = await resolveCodex(config.codexPath, env);
  if (!supportsAppServer(binary.version)) throw new HumanError('codex-old', `Codex ${binary.version} is too old for this. Update it: npm install -g @openai/codex@latest`);
  const browserPath = await browserFor(options, env);
  const login = await CodexLogin.start(binary, options.way, accountHomeOf(paths, account.key), config.codexConfig, env);
  try {
    await completeLogin(browserPath, account, login, options, context);
    await login.install(account.email);
  } finally {
    await login.close();
  }
}
