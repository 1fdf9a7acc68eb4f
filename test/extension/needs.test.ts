import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startScriptedModel, type ScriptedModel } from '../../src/demo/scriptedModel.ts';
import { resolveCodex } from '../../src/supervisor/adapters/codex/codexBinary.ts';
import { quote } from '../../src/supervisor/adapters/shell/shell.ts';
import { processesOf, scriptedProvider } from '../support/codex.ts';
import { editorFixture, type EditorFixture } from '../support/editor.ts';
import { remoteCodex } from '../support/remoteCodex.ts';
import { startTmux, type TmuxFixture } from '../support/tmuxServer.ts';
import { until } from '../support/until.ts';
import type { Workbench } from '../support/workbench.ts';

describe('what waits for the person, in the editor', () => {
  let tmux: TmuxFixture;
  let model: ScriptedModel;
  let editor: EditorFixture;
  let window: Workbench;
  let codex: string;

  before(async () => {
    tmux = await startTmux();
    model = await startScriptedModel();
    const { path } = await resolveCodex('codex', { ...process.env, PATH: '' });
    ({ command: codex } = await remoteCodex(tmux.dir, path, scriptedProvider(model.url)));
    await tmux.newSession('cockpit-quiet', "PS1='quiet> ' exec sh -i");
    await tmux.newSession('cockpit-ask', "printf 'Proceed? [y/n] '; read answer; exec sh -i");
    await tmux.run('kill-session', '-t', 'cockpit-keep');
    editor = await editorFixture();
    await editor.writeConfig([{ alias: 'box', transport: 'local', tmux_socket: tmux.socket, wake: false }], { max_agents: 0 });
    window = await editor.open();
    await window.openView();
    await until(async () => (await window.rows('Needs You')).some((row) => /cockpit-ask on box waits/.test(row)), { what: 'the question is listed', timeoutMs: 30_000 });
    await startWork('first');
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await editor.keepFailure(this.currentTest.fullTitle());
  });

  after(async () => {
    await editor.dispose();
    await model.close();
    const { dir } = tmux;
    await tmux.stop();
    await until(() => processesOf(dir).length === 0, { what: 'the remote Codex ends' });
  });

  const made = (name: string) => join(tmux.dir, `made-${name}`);
  const screen = () => tmux.run('capture-pane', '-p', '-t', 'cockpit-work');
  const asks = (name: string) => until(async () => (await screen()).includes(`touch ${made(name)}`) && /Yes, proceed/.test(await screen()), { what: 'the real Codex asks', timeoutMs: 20_000 });
  /** The real Codex with a prompt that makes it ask. */
  const work = (name: string) => `${codex} ${quote(`esc touch ${made(name)}`)}`;
  const startWork = async (name: string) => {
    await tmux.run('new-session', '-d', '-s', 'cockpit-work', '-x', '110', '-y', '32', work(name));
    await asks(name);
  };
  const need = (text: string) => window.page.locator(`.sidebar .monaco-list-row[aria-label*="${text}"]`).last();
  const dialog = () => window.page.locator('.monaco-dialog-box');
  const button = (text: string) => dialog().locator('.monaco-button', { hasText: text }).first();

  it('VSC-6 lists what waits, the longest first, with the whole command, its risk and the answers', async () => {
    const rows = await until(async () => {
      const all = await window.rows('Needs You');
      return all.some((row) => row.startsWith('answer 1. Yes, proceed')) ? all : null;
    }, { what: 'the answers are listed', timeoutMs: 20_000 });
    assert.match(rows[0] ?? '', /^cockpit-ask on box waits, needs-input/);
    const at = rows.findIndex((row) => /^cockpit-work on box waits, needs-input, asks for approval, writes/.test(row));
    assert.ok(at > 0, rows.join('\n'));
    assert.ok(rows.slice(at + 1).join('').includes(`touch ${made('first')}`), rows.join('\n'));
    await window.keepPicture('needs-you-view');
  });

  it('VSC-6 STATE-1 Answer… on a row shows what is asked and gives exactly that the answer', async () => {
    await need('cockpit-work on box waits').hover();
    await need('cockpit-work on box waits').locator('a.action-label[aria-label^="Answer"]').click();
    await dialog().waitFor();
    const text = await dialog().innerText();
    assert.match(text, /cockpit-work on box asks/);
    assert.ok(text.replace(/\s/g, '').includes(`touch${made('first')}`), text);
    assert.equal(existsSync(made('first')), false, 'nothing was answered yet');
    await window.keepPicture('answer');
    await button('Answer 1').click();
    await until(() => existsSync(made('first')), { what: 'the remote Codex ran it', timeoutMs: 20_000 });
    await until(async () => !(await window.rows('Needs You')).some((row) => row.includes('cockpit-work')), { what: 'it is off the list', timeoutMs: 20_000 });
  });

  it('VSC-6 an answer to a menu that is another one by then is refused, and says so', async () => {
    await tmux.run('kill-session', '-t', 'cockpit-work');
    await window.command('Notifications: Clear All Notifications');
    await startWork('second');
    const toast = window.page.locator('.notifications-toasts .notification-list-item', { hasText: 'cockpit-work on box: needs-input' });
    await toast.waitFor({ timeout: 20_000 });
    await toast.locator('.monaco-button', { hasText: 'Answer…' }).click();
    await dialog().waitFor();
    await tmux.run('respawn-pane', '-k', '-t', 'cockpit-work', work('third'));
    await asks('third');
    await button('Answer 1').click();
    await until(async () => (await window.notifications()).some((text) => /asks something else than you read\. Nothing was typed/.test(text)), { what: 'the refusal is said' });
    assert.match(await screen(), /Yes, proceed/);
    assert.deepEqual([existsSync(made('second')), existsSync(made('third'))], [false, false]);
  });

  it('VSC-6 Next That Needs Me goes by waiting time; what asks nothing that has answers is opened', async () => {
    await window.command('Cockpit: Next That Needs Me');
    await until(async () => (await window.statusBar()).includes('cockpit-ask'), { what: 'the one that waits longest' });
    // Its pair takes the keys when it is there, which would close a pick.
    await window.pairShows(/Proceed\?/, /./);
    // The list holds only rows that it has room for.
    await tmux.run('kill-session', '-t', 'cockpit-work');
    await tmux.newSession('cockpit-sudo', "printf 'Password: '; exec cat");
    await until(async () => (await window.rows('Needs You')).some((row) => /cockpit-sudo on box waits, needs-input/.test(row)), { what: 'the password prompt is listed', timeoutMs: 20_000 });
    await window.command('Cockpit: Answer…');
    await window.page.locator('.quick-input-widget:visible input.input[placeholder*="Answer which"]').fill('sudo');
    await window.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: 'cockpit-sudo' }).first().waitFor();
    await window.page.keyboard.press('Enter');
    await window.pairShows(/Password:/, /./);
    assert.equal(await dialog().count(), 0);
  });
});
