import { HumanError } from '../../supervisor/base/errors.ts';
import { accountOf } from '../accounts/account.ts';
import { browserFor, completeLogin, howOf, requireIssuerPage } from '../accounts/completeLogin.ts';
import { endingBySignal } from '../accounts/endingBySignal.ts';
import { withClient } from '../client.ts';
import { pathsFor, type GlobalOptions } from '../context.ts';
import { plain, say } from '../io.ts';

/** `cockpit remote-login HOST ACCOUNT`: Codex at the host logs itself in by a code, and the browser here completes it (MCP-7). The host gets a login of its own: nothing of this machine is copied. */
export async function remoteLogin(options: GlobalOptions, host: string, key: string, own: { headless?: boolean; byHand?: boolean }): Promise<void> {
  const { env } = process;
  const paths = pathsFor(options);
  const account = await accountOf(paths, key);
  const how = howOf(own, env, '--by-hand');
  const browserPath = await browserFor(how, env);
  const ending = endingBySignal(`Ended; Codex at ${host} is as it was.`);
  try {
    await withClient(options, async (client) => {
      say(plain(`${host}: starting \`codex login --device-auth\` there…`));
      const page = await client.request('host/beginLogin', { host }, { signal: ending.signal });
      const over = new AbortController();
      const completed = client.request('host/completedLogin', { host }, { signal: AbortSignal.any([ending.signal, over.signal]) }).then(() => undefined);
      completed.catch(() => undefined); // who waits for it hears of it
      try {
        requireIssuerPage(page, host, env);
        await completeLogin(browserPath, account, { page, completed }, how, { paths, env, say: (line) => { say(plain(line)); }, signal: ending.signal });
      } finally {
        over.abort(new HumanError('login-ended', 'the login is over'));
      }
    });
  } finally {
    ending.dispose();
  }
  say(plain(`${host}: Codex there is logged in as ${account.email}. One that runs keeps its old login: start it again.`));
}
