import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { desktopEnv } from '../../base/desktopEnv.ts';
import { HumanError, messageOf } from '../../base/errors.ts';
import { ensurePrivateDir } from '../../protocol/privateDir.ts';
import { pageLook, readLook, type PageLook } from './pageLook.ts';
import { passwordHost } from './pages.ts';

/** What a browser for one account needs. `secrets` are never seen in an error or a picture. */
export type LoginBrowserOptions = { executablePath: string; profileDir: string; headless: boolean; env: NodeJS.ProcessEnv; secrets: readonly string[] };

const fieldSelectors = {
  email: 'input[type=email], input[autocomplete^=username], input[autocomplete^=email], #identifierId',
  password: 'input[type=password]',
  code: 'input:not([type=hidden]):not([type=submit]):not([type=password]):not([type=checkbox])',
} as const;
const actionTimeoutMs = 10_000;
const startTimeoutMs = 60_000;
const pictureAttempts = 5;

/** One Chromium with the profile of one account; a value that is typed goes over a pipe, never through argv or environment. */
export class LoginBrowser {
  readonly #context: BrowserContext;
  readonly #options: LoginBrowserOptions;

  private constructor(context: BrowserContext, options: LoginBrowserOptions) {
    this.#context = context;
    this.#options = options;
  }

  /** Starts the browser. HumanError if it does not start. */
  static async open(options: LoginBrowserOptions): Promise<LoginBrowser> {
    const { executablePath, profileDir, headless, env } = options;
    ensurePrivateDir(profileDir);
    const { chromium } = await loadPlaywright();
    try {
      const context = await chromium.launchPersistentContext(profileDir, {
        executablePath,
        headless,
        env: onlyText(desktopEnv(env)),
        // Chromium's sandbox does not work for root.
        chromiumSandbox: process.getuid?.() !== 0,
        ignoreDefaultArgs: ['--enable-automation'],
        args: ['--no-first-run', '--no-default-browser-check', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-save-password-bubble'],
        locale: 'en-US',
        viewport: headless ? { width: 1280, height: 900 } : null,
        handleSIGINT: false,
        handleSIGTERM: false,
        handleSIGHUP: false,
        timeout: startTimeoutMs,
      });
      context.setDefaultTimeout(actionTimeoutMs);
      return new LoginBrowser(context, options);
    } catch (error) {
      throw new HumanError('browser-start', `${executablePath} did not start: ${firstLine(messageOf(error))} If another login of this account is under way, end it first.`);
    }
  }

  async goTo(url: string): Promise<void> {
    await this.#do('open the login page', () => this.#page().goto(url, { waitUntil: 'commit', timeout: 30_000 }));
  }

  /** What the page shows now; null while it changes. */
  async look(): Promise<PageLook | null> {
    try {
      return pageLook.parse(await this.#page().evaluate(readLook));
    } catch (error) {
      if (this.isClosed) throw new HumanError('browser-closed', 'The browser was closed before the login was done.');
      // The page went away under the question, which is what a page of a login does.
      if (/context was destroyed|navigat|detached|closed/i.test(messageOf(error))) return null;
      throw new HumanError('browser-broken', `The page cannot be read: ${this.#clean(messageOf(error))}`);
    }
  }

  /** Types into a field and presses Enter, which submits in every language. A password goes to Google's own page only. */
  async type(what: 'email' | 'password' | 'code', text: string): Promise<void> {
    await this.#do(`type the ${what}`, async () => {
      const page = this.#page();
      const { protocol, host } = new URL(page.url());
      if (what === 'password' && (host !== passwordHost || protocol !== 'https:')) throw new Error(`this is ${host}`);
      const field = page.locator(fieldSelectors[what]).filter({ visible: true }).first();
      await field.fill(text);
      await field.press('Enter', { noWaitAfter: true });
    });
  }

  async press(button: RegExp): Promise<void> {
    await this.#do('press the button', () => this.#page().getByRole('button', { name: button }).or(this.#page().getByRole('link', { name: button })).filter({ visible: true }).first().click({ noWaitAfter: true }));
  }

  /** Chooses the account in a chooser, or "another account" where it is not offered. */
  async choose(email: string): Promise<void> {
    await this.#do('choose the account', async () => {
      const page = this.#page();
      const own = page.locator(`[data-identifier=${JSON.stringify(email)} i]`).filter({ visible: true });
      const target = (await own.count()) > 0 ? own : page.getByText(/^use another account$/i);
      await target.first().click({ noWaitAfter: true });
    });
  }

  /** A picture of the page in `folder` (0700), every field covered. It is extra: where it cannot be taken, `why` says so. */
  async picture(folder: string, name: string): Promise<{ kind: 'taken'; path: string } | { kind: 'none'; why: string }> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#takePicture(folder, name);
      } catch (error) {
        // A page that just goes on to another one is tried again.
        if (attempt === pictureAttempts || this.isClosed) return { kind: 'none', why: this.#clean(messageOf(error)) };
      }
    }
  }

  async #takePicture(folder: string, name: string): Promise<{ kind: 'taken'; path: string } | { kind: 'none'; why: string }> {
    const page = this.#page();
    const shown = await Promise.all(page.frames().map((frame) => frame.evaluate('document.documentElement.innerText')));
    if (this.#options.secrets.some((secret) => shown.some((text) => String(text).includes(secret)))) return { kind: 'none', why: 'the page shows a secret' };
    ensurePrivateDir(folder);
    const path = join(folder, `${name}.png`);
    await page.screenshot({ path, mask: page.frames().map((frame) => frame.locator('input, textarea, select, [contenteditable]')), maskColor: '#888888', timeout: actionTimeoutMs });
    return { kind: 'taken', path };
  }

  get isClosed(): boolean {
    return this.#context.pages().every((page) => page.isClosed());
  }

  async close(): Promise<void> {
    await this.#context.close();
  }

  /** The newest window is the one that asks. */
  #page(): Page {
    const page = this.#context.pages().at(-1);
    if (page === undefined) throw new HumanError('browser-closed', 'The browser was closed before the login was done.');
    return page;
  }

  /** Playwright's errors tell all that it did, what it typed included. So they end here, without a cause. */
  async #do<T>(what: string, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof HumanError) throw error;
      throw new HumanError('browser-action', `Could not ${what}: ${this.#clean(messageOf(error))}`);
    }
  }

  #clean(message: string): string {
    return this.#options.secrets.reduce((text, secret) => text.replaceAll(secret, '•••'), firstLine(message));
  }
}

/** Loaded only where an account is logged in. With `DEBUG=pw:*` Playwright would print what it types. */
async function loadPlaywright() {
  delete process.env['DEBUG'];
  return await import('playwright-core');
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}

function onlyText(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
