import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { editorFixture, type EditorFixture } from '../support/editor.ts';
import { startLoginSite, type LoginSite } from '../support/login/site.ts';
import { watchChildren } from '../support/login/watch.ts';
import { until } from '../support/until.ts';
import type { Workbench } from '../support/workbench.ts';

const password = 'canary of the editor';
const wrongPassword = 'canary that is wrong';

describe('logging accounts in from the editor', () => {
  let site: LoginSite;
  let editor: EditorFixture;
  let window: Workbench;

  before(async () => {
    site = await startLoginSite([{ email: 'work@example.com', password }]);
    editor = await editorFixture({ env: site.env });
    await editor.writeConfig([], { codex_config: site.codexConfig, accounts: [{ key: 'work', email: 'work@example.com' }] });
    // The editor seals its secrets with a key that the front of a real server hands out; the tests run what is behind it.
    await editor.profile.route('**/mint-key', (route) => route.fulfill({ body: Buffer.alloc(32, 7) }));
    window = await editor.open();
    await window.openView();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await editor.keepFailure(this.currentTest.fullTitle());
  });

  after(async () => {
    await editor.dispose();
    await site.stop();
  });

  const typed = () => site.visits.filter((visit) => /challenge\/pwd/.test(visit)).length / 2;
  const panelText = async () => (await window.page.locator('.panel .xterm-rows').allInnerTexts()).join('\n').replaceAll('\u00a0', ' ');
  const setPassword = async (typed: string) => {
    await window.command('Cockpit: Set the Password of an Account');
    await window.choose(/password of an account/, 'work');
    await window.answer('Password of work', typed);
    await until(async () => !(await window.isQuickInputOpen()), { what: 'the box is closed' });
  };
  const logIn = async (done: RegExp) => {
    await window.command('Cockpit: Log Accounts In');
    await window.pick(/Log accounts in \(1\/2\)/, []);
    await window.choose(/Log accounts in \(2\/2\)/, 'without a window');
    await until(async () => done.test(await panelText()) || Promise.reject(new Error(await panelText())), { what: `the terminal says ${String(done)}`, timeoutMs: 60_000 });
  };
  const closeTerminal = async () => {
    await window.page.locator('.panel .xterm:visible').first().click();
    await window.page.keyboard.press('Enter');
    await until(async () => !/Any key closes this terminal/.test(await panelText()), { what: 'the terminal is closed' });
  };

  it('CONF-6 ACCT-5 without a keyring the editor keeps the password itself: a wrong one, then the right one; it is in no argv, environment, file or log', async () => {
    const watch = watchChildren(editor.server.pid, password);
    await setPassword(wrongPassword);
    await logIn(/password is wrong[^]*It did not work\./);
    await window.keepPicture('log-in-wrong');
    await closeTerminal();
    await setPassword(password);
    await logIn(/work: logged in as work@example\.com\.[^]*Done\./);
    await watch.stop();
    await window.keepPicture('log-in');
    assert.ok([...watch.commandLines].some((line) => /login-accounts/.test(line)), 'the command was seen');
    assert.doesNotMatch([...watch.commandLines].join('\n'), /canary/);
    assert.deepEqual([...watch.holders], []);
    assert.doesNotMatch((await panelText()) + editor.channelLog() + editor.server.log(), /canary/);
    assert.equal(existsSync(editor.cockpit.paths.secrets), false);
    assert.doesNotMatch(await readFile(editor.cockpit.paths.config, 'utf8'), /canary/);
    assert.match(await readFile(join(editor.cockpit.paths.accounts, 'work', 'auth.json'), 'utf8'), /refresh-work@example\.com/);
    assert.equal(spawnSync('grep', ['-rlaF', '-e', password, '-e', wrongPassword, editor.cockpit.dir], { encoding: 'utf8' }).stdout, '', 'no file of the data directory or the editor holds it');
    await closeTerminal();
  });

  it('CONF-6 the password is still known after the window was loaded again, and who is logged in is said', async () => {
    await window.page.reload();
    await window.ready();
    await window.openView();
    await window.command('Cockpit: Log Accounts In');
    await until(async () => /work@example\.com, logged in/.test(await window.quickPickText()), { what: 'the account is listed as logged in', timeoutMs: 20_000 });
    await window.page.locator('.quick-input-list .monaco-list-row', { hasText: 'work' }).first().click();
    await window.page.keyboard.press('Enter');
    await window.choose(/Log accounts in \(2\/2\)/, 'without a window');
    await until(async () => /logged in as work@example\.com\.[^]*Done\./.test(await panelText()), { what: 'it logged in with the kept password', timeoutMs: 60_000 });
    assert.equal(typed(), 3, 'it was typed again');
    await closeTerminal();
  });

  it('CONF-6 a password that the command line was given later counts before the one of the editor', async () => {
    const [node = '', ...args] = editor.cockpit.argv('secret', 'set', 'work');
    execFileSync(node, args, { env: editor.cockpit.env, input: wrongPassword });
    await window.command('Cockpit: Log Accounts In');
    await window.pick(/Log accounts in \(1\/2\)/, ['work']);
    await window.choose(/Log accounts in \(2\/2\)/, 'without a window');
    await until(async () => /password is wrong[^]*It did not work\./.test(await panelText()), { what: 'the later password was tried', timeoutMs: 60_000 });
  });
});
