import { join } from 'node:path';
import { findBrowser, howToGetBrowser } from '../../supervisor/adapters/browser/findBrowser.ts';
import { LoginBrowser } from '../../supervisor/adapters/browser/loginBrowser.ts';
import { walk, type WalkOptions } from '../../supervisor/adapters/browser/walk.ts';
import { resolveCodex, supportsAppServer } from '../../supervisor/adapters/codex/codexBinary.ts';
import { CodexLogin, type LoginPage, type LoginWay } from '../../supervisor/adapters/codex/codexLogin.ts';
import { readLogin } from '../../supervisor/adapters/codex/loginFile.ts';
import { Passwords } from '../../supervisor/adapters/secrets/passwords.ts';
import { HumanError } from '../../supervisor/base/errors.ts';
import type { Paths } from '../../supervisor/protocol/paths.ts';
import type { Config } from '../configEdit.ts';
import { accountHomeOf, browserProfileOf, type Account } from './account.ts';

/** How accounts are logged in. `attended`: a person sits at the browser. `byHand`: no browser is started, the person gets the address. */
export type LogInOptions = { way: LoginWay; headless: boolean; attended: boolean; byHand: boolean; patience?: WalkOptions['patience'] };
export type LogInContext = { paths: Paths; config: Config; env: NodeJS.ProcessEnv; say: (line: string) => void; signal: AbortSignal };

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

/** Whether a browser can show a window. */
export function hasScreen(env: NodeJS.ProcessEnv): boolean {
  return Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);
}

/** Logs one account in: Codex asks for the login, the browser (or the person) makes it, and the account's `auth.json` is there afterwards (ACCT-5). Rejects HumanError; nothing changed then. */
export async function logIn(account: Account, options: LogInOptions, context: LogInContext): Promise<void> {
  const { paths, config, env } = context;
  const binary = await resolveCodex(config.codexPath, env);
  if (!supportsAppServer(binary.version)) throw new HumanError('codex-old', `Codex ${binary.version} is too old for this. Update it: npm install -g @openai/codex@latest`);
  const browserPath = options.byHand ? null : await findBrowser(env);
  if (browserPath === null && !options.byHand) throw new HumanError('no-browser', `There is no Chromium and no Chrome. ${howToGetBrowser} Or add --by-hand and use any browser.`, { exitCode: 2 });
  const login = await CodexLogin.start(binary, options.way, accountHomeOf(paths, account.key), config.codexConfig, env);
  try {
    if (browserPath === null) await byHand(account, login, options.way, context);
    else await byBrowser(browserPath, account, login, options, context);
    await login.install(account.email);
  } finally {
    await login.close();
  }
}

async function byHand(account: Account, login: CodexLogin, way: LoginWay, { say, signal }: LogInContext): Promise<void> {
  say(`${account.key}: ${whereToGo(login.page, way)} and log in as ${account.email}. Waiting for it; Ctrl-C ends it.`);
  await Promise.race([login.completed, aborted(signal)]);
}

function whereToGo({ url, userCode }: LoginPage, way: LoginWay): string {
  return way === 'device' ? `open ${url} in a browser on any machine, enter the code ${userCode ?? ''}` : `open this page in a browser on this machine\n  ${url}\n `;
}

async function byBrowser(executablePath: string, account: Account, login: CodexLogin, options: LogInOptions, { paths, env, say, signal }: LogInContext): Promise<void> {
  const password = (await new Passwords(paths, env).find(account))?.password ?? null;
  const secrets = [password, login.page.userCode].filter((secret) => secret !== null);
  const browser = await LoginBrowser.open({ executablePath, profileDir: browserProfileOf(paths, account.key), headless: options.headless, env, secrets });
  const ending = new AbortController();
  try {
    await browser.goTo(login.page.url);
    const walking = walk({
      browser,
      account: { key: account.key, email: account.email, password, userCode: login.page.userCode },
      issuerHost: new URL(login.page.url).host,
      pictures: join(paths.login, 'pictures'),
      attended: options.attended,
      say,
      signal: AbortSignal.any([signal, ending.signal]),
      ...(options.patience === undefined ? {} : { patience: options.patience }),
    });
    await Promise.race([login.completed, walking]);
  } finally {
    ending.abort(new Error('the login is over'));
    await browser.close();
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    signal.addEventListener('abort', () => { reject(signal.reason as Error); }, { once: true });
  });
}
