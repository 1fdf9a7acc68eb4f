import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { z } from 'zod';
import { until } from './until.ts';

const chromiumArgs = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

const pictures = join(fileURLToPath(new URL('../..', import.meta.url)), 'test-results', 'pictures');

/** One half of the pair as the window shows it. */
const shownHalf = z.object({ title: z.string(), text: z.string(), x: z.number(), y: z.number(), width: z.number(), height: z.number(), isFocused: z.boolean() });
const shownHalves = z.array(shownHalf);
export type ShownHalf = z.infer<typeof shownHalf>;

/** Runs in the page, which has another world of types. */
const readHalves = `[...document.querySelectorAll('.editor-group-container')].filter((group) => group.querySelector('.xterm')).map((group) => {
  const { x, y, width, height } = group.getBoundingClientRect();
  const title = group.querySelector('.tab.active .label-name')?.textContent ?? '';
  const rows = [...group.querySelectorAll('.xterm-rows')].find((part) => part.getBoundingClientRect().height > 0);
  const text = (rows?.innerText ?? '').replaceAll('\\u00a0', ' ');
  const focus = document.activeElement;
  return { title, text, x, y, width, height, isFocused: group.contains(focus) && focus.classList.contains('xterm-helper-textarea') };
}).sort((a, b) => a.y - b.y)`;

/** Rows of the view with this name; a view that is the only one has no header. */
const readRows = (view: string) => `[...document.querySelectorAll('.sidebar .pane')].filter((pane) => (pane.querySelector('.pane-header')?.innerText ?? '').toLowerCase().includes(${JSON.stringify(view.toLowerCase())}) || document.querySelectorAll('.sidebar .pane').length === 1).flatMap((pane) => [...pane.querySelectorAll('.monaco-list-row')]).sort((a, b) => a.getBoundingClientRect().y - b.getBoundingClientRect().y).map((row) => row.getAttribute('aria-label') ?? '')`;

const watchViewer = (text: string) => `window.cockpitSwitch = new Promise((resolve) => {
  let startedMs = null;
  addEventListener('keydown', (event) => { startedMs ??= event.timeStamp; }, { capture: true, once: true });
  const look = () => {
    const rows = [...document.querySelectorAll('.editor-group-container .xterm-rows')].sort((a, b) => a.getBoundingClientRect().y - b.getBoundingClientRect().y)[0];
    if (startedMs === null || !rows?.innerText.replaceAll('\\u00a0', ' ').includes(${JSON.stringify(text)})) return;
    observer.disconnect();
    resolve(performance.now() - startedMs);
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { subtree: true, childList: true, characterData: true });
}); 0`;

const watchFrames = (forMs: number) => `new Promise((resolve) => {
  const gaps = [];
  const startedMs = performance.now();
  let lastMs = startedMs;
  const look = () => {
    const nowMs = performance.now();
    gaps.push(nowMs - lastMs);
    lastMs = nowMs;
    if (nowMs - startedMs > ${forMs}) resolve(gaps);
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})`;

/** A window of the editor, used as a person uses it: keys, clicks and eyes. */
export class Workbench {
  readonly page: Page;

  private constructor(page: Page) {
    this.page = page;
  }

  static async open(context: BrowserContext, url: string): Promise<Workbench> {
    const page = await context.newPage();
    await page.goto(url, { waitUntil: 'domcontentloaded' });
    const workbench = new Workbench(page);
    await workbench.ready();
    return workbench;
  }

  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: 60_000 });
  }

  /** Opens the view of cockpit by its icon. */
  async openView(): Promise<void> {
    const icon = this.page.locator('.activitybar a.action-label[aria-label^="Cockpit"]').first();
    await icon.waitFor({ timeout: 60_000 });
    if ((await icon.locator('xpath=..').getAttribute('aria-selected')) !== 'true') await icon.click();
    await this.page.locator('.sidebar .pane-header', { hasText: /hosts/i }).or(this.page.locator('.sidebar .composite.title', { hasText: /cockpit/i })).first().waitFor();
  }

  /** Rows of a view as a screen reader hears them, from top to bottom. */
  async rows(view = 'Hosts'): Promise<string[]> {
    return z.array(z.string()).parse(await this.page.evaluate(readRows(view)));
  }

  /** The row whose spoken label matches; waits for it. */
  row(label: string) {
    return this.page.locator(`.sidebar .monaco-list-row[aria-label*="${label}"]`).first();
  }

  /** Text of the status bar's items of cockpit. */
  async statusBar(): Promise<string> {
    return (await this.page.locator('.statusbar [id^="cockpit.cockpit"]').allInnerTexts()).join(' | ');
  }

  /** The pair in the editor area, from top to bottom. */
  async halves(): Promise<ShownHalf[]> {
    return shownHalves.parse(await this.page.evaluate(readHalves));
  }

  /** Waits until both halves are there and match. */
  async pairShows(viewer: RegExp, agent: RegExp, timeoutMs = 20_000): Promise<ShownHalf[]> {
    return await until(
      async () => {
        const halves = await this.halves();
        if (halves.length === 2 && viewer.test(halves[0]?.text ?? '') && agent.test(halves[1]?.text ?? '')) return halves;
        throw new Error(JSON.stringify(halves.map((half) => [half.title, half.text.replace(/\n\s*\n+/g, '\n').slice(0, 600)])));
      },
      { timeoutMs, what: `the pair shows ${String(viewer)} and ${String(agent)}` },
    );
  }

  /** Index of the half that has the keys, or -1. */
  async focusedHalf(): Promise<number> {
    return (await this.halves()).findIndex((half) => half.isFocused);
  }

  /** Clicks into a half. */
  async clickHalf(index: 0 | 1): Promise<void> {
    const half = (await this.halves())[index];
    if (!half) throw new Error(`there is no half ${index}`);
    await this.page.mouse.click(half.x + half.width / 2, half.y + half.height * 0.75);
  }

  /** Runs a command by its words in the palette, with keys alone. */
  async command(title: string): Promise<void> {
    await this.page.keyboard.press('Control+Shift+P');
    const input = this.page.locator('.quick-input-widget:visible input.input');
    await input.waitFor();
    // A palette that was still closing is there, but takes nothing.
    await input.fill(`>${title}`, { timeout: 5_000 });
    await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: title.replace(/^Cockpit: /, '') }).first().waitFor();
    await this.page.keyboard.press('Enter');
  }

  /** Text of the open pick. */
  async quickPickText(): Promise<string> {
    return await this.page.locator('.quick-input-widget:visible').innerText();
  }

  /** Ticks entries of a pick with boxes, told by its title (and, of several with one title, by its placeholder), and accepts it. */
  async pick(title: RegExp, entries: string[], placeholder = ''): Promise<void> {
    await this.#awaitPick(title, placeholder);
    for (const entry of entries) {
      const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: entry }).first();
      await row.click();
      // What a row says when the mouse rests on it lies over the next one.
      await this.page.mouse.move(0, 0);
      await until(async () => (await row.locator('[aria-checked="true"], input:checked').count()) > 0 || (await row.getAttribute('aria-checked')) === 'true', { what: `${entry} is ticked` });
    }
    await this.page.keyboard.press('Enter');
  }

  /** Chooses an entry of a pick, told by its title. */
  async choose(title: RegExp, entry: string): Promise<void> {
    await this.#awaitPick(title, '');
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: entry }).first().click();
  }

  /** Types into the input box that asks `prompt`. */
  async answer(prompt: string, text: string): Promise<void> {
    await this.page.locator('.quick-input-widget:visible .quick-input-message', { hasText: prompt }).waitFor({ timeout: 20_000 });
    await this.page.locator('.quick-input-widget:visible input.input').fill(text);
    await this.page.keyboard.press('Enter');
  }

  async #awaitPick(title: RegExp, placeholder: string): Promise<void> {
    await this.page.locator('.quick-input-widget:visible .quick-input-title', { hasText: title }).waitFor({ timeout: 40_000 });
    if (placeholder !== '') await this.page.locator(`.quick-input-widget:visible input.input[placeholder*="${placeholder}"]`).waitFor({ timeout: 20_000 });
    await this.page.locator('.quick-input-widget:visible .quick-input-list .monaco-list-row').first().waitFor();
  }

  /** Opens a file of the folder by its name. */
  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press('Control+P');
    const input = this.page.locator('.quick-input-widget:visible input.input');
    await input.waitFor();
    await input.fill(name);
    await this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: name }).first().waitFor();
    await this.page.keyboard.press('Enter');
    await this.page.locator('.editor-group-container.active .monaco-editor .view-lines').first().waitFor();
  }

  /** Closes a half by the cross of its tab, and says yes to the editor's own question. */
  async closeHalf(index: 0 | 1): Promise<void> {
    const half = (await this.halves())[index];
    if (!half) throw new Error(`there is no half ${index}`);
    const tab = this.page.locator('.editor-group-container .tab', { hasText: half.title }).first();
    await tab.hover();
    await tab.locator('.tab-actions a.action-label').first().click();
    await this.page.locator('.monaco-dialog-box .monaco-button', { hasText: 'Terminate' }).click();
  }

  /** Closes the tab of a document by its cross. */
  async closeTab(title: string): Promise<void> {
    const tab = this.page.locator('.editor-group-container .tab', { hasText: title }).first();
    await tab.hover();
    await tab.locator('.tab-actions a.action-label').first().click();
    await tab.waitFor({ state: 'detached' });
  }

  /** Chooses an entry of a row's context menu. */
  async menu(rowLabel: string, entry: string): Promise<void> {
    await this.row(rowLabel).click({ button: 'right' });
    const item = this.page.locator('.monaco-menu .action-label', { hasText: entry }).first();
    await item.waitFor();
    // A menu takes no click in its first moments.
    await until(
      async () => {
        await item.click({ timeout: 500 }).catch(() => undefined); // looked at again below
        return (await item.count()) === 0;
      },
      { what: `the menu took ${entry}` },
    );
  }

  /** Text of the document in the active editor. */
  async editorText(): Promise<string> {
    return (await this.page.locator('.editor-group-container.active .monaco-editor .view-lines').first().innerText()).replaceAll('\u00a0', ' ');
  }

  /** Text of the output channel in the panel. */
  async outputText(): Promise<string> {
    return (await this.page.locator('.panel .monaco-editor .view-lines').first().innerText()).replaceAll('\u00a0', ' ');
  }

  /** Whether a terminal within `place` (a CSS selector) has the keys. */
  async isTerminalFocused(place: string): Promise<boolean> {
    return (await this.page.locator(`${place} .xterm.focus`).count()) > 0;
  }

  /** Presses a key and tells after how many ms, by the page's own clock, the upper half shows a text. */
  async msUntilViewerShows(key: string, text: string): Promise<number> {
    await this.page.evaluate(watchViewer(text));
    await this.page.keyboard.press(key);
    return z.number().parse(await this.page.evaluate('window.cockpitSwitch'));
  }

  /** Time between frames of the page, in ms, watched for `forMs`. */
  async frameGaps(forMs: number): Promise<{ median: number; longest: number }> {
    const gaps = z.array(z.number()).parse(await this.page.evaluate(watchFrames(forMs))).sort((a, b) => a - b);
    return { median: gaps[Math.floor(gaps.length / 2)] ?? Infinity, longest: gaps.at(-1) ?? Infinity };
  }

  /** Keeps a picture of the window for a person to look at. */
  async keepPicture(name: string): Promise<void> {
    await mkdir(pictures, { recursive: true });
    await this.page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  /** Whether a palette or pick is open. */
  async isQuickInputOpen(): Promise<boolean> {
    return (await this.page.locator('.quick-input-widget:visible').count()) > 0;
  }

  /** Texts of the notifications that are shown. */
  async notifications(): Promise<string[]> {
    return await this.page.locator('.notifications-toasts .notification-list-item-message').allInnerTexts();
  }

  /** Keeps a picture, the rows and the pair as text in a folder. */
  async keep(folder: string, name: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
    const shown = { rows: await this.rows(), statusBar: await this.statusBar(), halves: await this.halves(), notifications: await this.notifications() };
    await writeFile(join(folder, `${name}.json`), JSON.stringify(shown, null, 2));
  }
}

/** A headless Chromium; `close` ends it. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  if (executablePath === undefined) throw new Error('no Chromium on this machine');
  return await chromium.launch({ executablePath, args: chromiumArgs });
}

/** A browser profile of its own, with the size of a usual window. */
export async function newProfile(browser: Browser): Promise<BrowserContext> {
  return await browser.newContext({ viewport: { width: 1440, height: 900 }, permissions: ['clipboard-read', 'clipboard-write'] });
}
