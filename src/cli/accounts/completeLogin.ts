import { join } from 'node:path';
import { findBrowser, howToGetBrowser } from '../../supervisor/adapters/browser/findBrowser.ts';
import { LoginBrowser } from '../../supervisor/adapters/browser/loginBrowser.ts';
import { walk, type WalkOptions } from '../../supervisor/adapters/browser/walk.ts';
import { isIssuerPage, type LoginPage } from '../../supervisor/adapters/codex/loginPage.ts';
import { Passwords } from '../../supervisor/adapters/secrets/passwords.ts';
import { hasScreen } from '../../supervisor/base/desktopEnv.ts';
import { HumanError } from '../../supervisor/base/errors.ts';
import type { Paths } from '../../supervisor/protocol/paths.ts';
import { browserProfileOf, type Account } from './account.ts';

/** A login that some Codex has begun and that goes on at a page; `completed` rejects with the reason if it does not come to its end. */
export type PendingLogin = { readonly page: LoginPage; readonly completed: Promise<void> };

/** How the page is gone through. `attended`: a person sits at the browser. `byHand`: no browser is started, the person gets the address. */
export type CompleteOptions = { headless: boolean; attended: boolean; byHand: boolean; patience?: WalkOptions['patience'] };
/** `given`: passwords by account that count before those that are kept. */
export type CompleteContext = { paths: Paths; env: NodeJS.ProcessEnv; say: (line: string) => void; signal: AbortSignal; given?: ReadonlyMap<string, string> };

/** What the options of a command mean. HumanError 'no-screen' where the browser's window has nowhere to go; `otherwise` are the options that need none. */
export function howOf({ headless = false, byHand = false }: { headless?: boolean; byHand?: boolean }, env: NodeJS.ProcessEnv, otherwise: string): CompleteOptions {
  if (!headless && !byHand && !hasScreen(env)) {
    throw new HumanError('no-screen', `There is no screen for a browser here (DISPLAY, WAYLAND_DISPLAY). Add --headless, or use any browser on any machine: ${otherwise}.`, { exitCode: 2 });
  }
  return { headless, attended: !headless, byHand };
}

/** The browser to use; null by hand. HumanError 'no-browser' where there is none. */
export async function browserFor({ byHand }: CompleteOptions, env: NodeJS.ProcessEnv): Promise<string | null> {
  if (byHand) return null;
  const path = await findBrowser(env);
  if (path === null) throw new HumanError('no-browser', `There is no Chromium and no Chrome. ${howToGetBrowser} Or add --by-hand and use any browser.`, { exitCode: 2 });
  return path;
}

/** HumanError 'strange-page' unless the page that a host named is one of the issuer: an account's password goes to no other. */
export function requireIssuerPage({ url }: LoginPage, host: string, env: NodeJS.ProcessEnv): void {
  if (!isIssuerPage(url, env)) throw new HumanError('strange-page', `${host} names ${url} as the place to log in, which is no page of Codex's login. Nothing was opened; look at that machine.`);
}

/** Goes through the page of a login with the browser, or tells the person where it is; resolves when Codex has it. */
export async function completeLogin(browserPath: string | null, account: Account, login: PendingLogin, options: CompleteOptions, context: CompleteContext): Promise<void> {
  if (browserPath === null) await byHand(account, login, context);
  else await byBrowser(browserPath, account, login, options, context);
}

async function byHand(account: Account, login: PendingLogin, { say, signal }: CompleteContext): Promise<void> {
  say(`${account.key}: ${whereToGo(login.page)} and log in as ${account.email}. Waiting for it; Ctrl-C ends it.`);
  await Promise.race([login.completed, aborted(signal)]);
}

function whereToGo({ url, userCode }: LoginPage): string {
  return userCode !== null ? `open ${url} in a browser on any machine, enter the code ${userCode}` : `open this page in a browser on this machine\n  ${url}\n `;
}

async function byBrowser(executablePath: string, account: Account, login: PendingLogin, options: CompleteOptions, { paths, env, say, signal, given }: CompleteContext): Promise<void> {
  const password = given?.get(account.key) ?? (await new Passwords(paths, env).find(account))?.password ?? null;
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
