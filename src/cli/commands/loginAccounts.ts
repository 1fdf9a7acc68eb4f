import { HumanError } from '../../supervisor/base/errors.ts';
import { accountOf, type Account } from '../accounts/account.ts';
import { endingBySignal } from '../accounts/endingBySignal.ts';
import { howOf } from '../accounts/completeLogin.ts';
import { passwordsFromStdin } from '../accounts/askPassword.ts';
import { loggedInAs, logIn, type LogInContext, type LogInOptions } from '../accounts/logIn.ts';
import { tellSupervisor } from '../applyConfig.ts';
import { readConfig } from '../configEdit.ts';
import { pathsFor, type GlobalOptions } from '../context.ts';
import { plain, say } from '../io.ts';

/** `cockpit login-accounts [ACCOUNT…]`: logs accounts in, one after the other; without names those that are not logged in yet (ACCT-5). */
export async function loginAccounts(options: GlobalOptions, keys: string[], own: { headless?: boolean; device?: boolean; byHand?: boolean; passwordsStdin?: boolean }): Promise<void> {
  const paths = pathsFor(options);
  const config = await readConfig(paths);
  if (config === null || config.accounts.length === 0) throw new HumanError('no-account', 'There are no accounts; `cockpit setup` adds one.', { exitCode: 2 });
  const how = howOf(own, process.env, '--device --by-hand');
  const named = await Promise.all(keys.map((key) => accountOf(paths, key)));
  const given = own.passwordsStdin ? await passwordsFromStdin(config.accounts) : new Map<string, string>();
  const ending = endingBySignal('Ended; accounts that were logged in are kept, and running it again goes on.');
  const context: LogInContext = { paths, config, env: process.env, say: (line) => { say(plain(line)); }, signal: ending.signal, given };
  try {
    const failed = [];
    for (const account of keys.length > 0 ? named : config.accounts) {
      if (keys.length === 0 && (await alreadyIn(context, account))) continue;
      // An agent that waits for this account goes on at once.
      if (await tryLogIn(account, { ...how, way: own.device ? 'device' : 'browser' }, context)) await tellSupervisor(options);
      else failed.push(account.key);
    }
    if (failed.length > 0) throw new HumanError('login-incomplete', `Not logged in: ${failed.join(', ')}.`);
  } finally {
    ending.dispose();
  }
}

async function alreadyIn(context: LogInContext, { key, email }: Account): Promise<boolean> {
  const as = await loggedInAs(context.paths, key);
  if (as?.toLowerCase() !== email.toLowerCase()) return false;
  context.say(`${key}: is logged in as ${email}; \`cockpit login-accounts ${key}\` does it again.`);
  return true;
}

/** Whether it worked; where one account does not, the next one still gets its turn. */
async function tryLogIn(account: Account, options: LogInOptions, context: LogInContext): Promise<boolean> {
  context.say(`${account.key}: logging in as ${account.email}…`);
  try {
    await logIn(account, options, context);
    context.say(`${account.key}: logged in as ${account.email}.`);
    return true;
  } catch (error) {
    // Ctrl-C reaches Codex too, and then the one who ended it has to hear that, not how Codex took it.
    context.signal.throwIfAborted();
    if (!(error instanceof HumanError)) throw error;
    process.stderr.write(`${plain(`${account.key}: ${error.message}`)}\n`);
    return false;
  }
}
