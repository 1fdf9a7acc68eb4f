import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { editorFixture, type EditorFixture } from '../support/editor.ts';
import { startSshd, type SshdFixture } from '../support/sshd.ts';
import { until } from '../support/until.ts';
import type { Workbench } from '../support/workbench.ts';

describe('the first run in the editor, to a working pair over ssh', () => {
  let sshd: SshdFixture;
  let editor: EditorFixture;
  let window: Workbench;

  before(async () => {
    sshd = await startSshd();
    editor = await editorFixture({ env: { COCKPIT_SSH_CONFIG: sshd.configFile } });
    window = await editor.open();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await editor.keepFailure(this.currentTest.fullTitle());
  });

  after(async () => {
    await editor.dispose();
    execFileSync('tmux', ['-S', join(sshd.dir, 't.sock'), 'kill-server'], { stdio: 'ignore' });
    await sshd.stop();
  });

  const remote = (...args: string[]) => execFileSync('tmux', ['-S', join(sshd.dir, 't.sock'), ...args], { encoding: 'utf8' });

  it('VSC-9 with no configuration the tree offers setup and the demo, and nothing runs', async () => {
    await window.openView();
    for (const button of ['Set Up Hosts', 'Start Demo']) await window.page.locator('.sidebar .monaco-button', { hasText: button }).waitFor();
    assert.match(await window.statusBar(), /set up/);
    await window.keepPicture('first-run');
    assert.equal((await editor.cockpit.status()).supervisor.running, false);
  });

  it('VSC-9 Doctor shows its report as a document', async () => {
    await window.command('Cockpit: Doctor');
    await until(async () => /tmux/.test(await window.editorText()), { what: 'the report', timeoutMs: 30_000 });
    await window.keepPicture('doctor');
    await window.closeTab('doctor');
  });

  it('VSC-9 the walkthrough has its four steps', async () => {
    await window.command('Welcome: Open Walkthrough...');
    await window.page.locator('.quick-input-list .monaco-list-row', { hasText: 'Get Started With Cockpit' }).click();
    for (const step of ['Check what is needed', 'Look at the demo', 'Pick hosts and accounts', 'Open a pair']) await window.page.getByText(step).first().waitFor();
    await window.keepPicture('walkthrough');
    await window.closeTab('Welcome');
  });

  it('VSC-1 DISC-1 once a host is configured, Start brings up the tree over one ssh login', async () => {
    await editor.writeConfig([{ alias: 'box', tmux_socket: join(sshd.dir, 't.sock') }]);
    await window.command('Cockpit: Start');
    await window.row('cockpit-main').waitFor({ timeout: 30_000 });
    assert.equal(sshd.logins(), 1);
  });

  it('VSC-3 KEY-1 with keys alone: Go to Session opens the pair, F3 claims, typing reaches the remote', async () => {
    await window.command('Cockpit: Go to Session…');
    await window.page.locator('.quick-input-list .monaco-list-row', { hasText: 'cockpit-main' }).first().waitFor();
    await window.page.keyboard.press('Enter');
    await window.pairShows(/cockpit-m/, /Codex|›/, 40_000);
    await window.page.keyboard.press('F3');
    await until(() => remote('show-options', '-qv', '-t', 'cockpit-main', '@cockpit_owner').startsWith('human'), { what: 'the human owns the session' });
    await window.page.keyboard.type('echo OVER-SSH-$((40+2))\n');
    await until(() => remote('capture-pane', '-p', '-t', 'cockpit-main').includes('OVER-SSH-42'), { what: 'the command ran at the remote' });
    await window.pairShows(/OVER-SSH-42/, /./);
    await window.keepPicture('pair-over-ssh');
  });

  it('VSC-9 `cockpit` is on the PATH of integrated terminals and speaks of the same data directory', async () => {
    await window.command('Terminal: Create New Terminal');
    await until(() => window.isTerminalFocused('.panel'), { what: 'the terminal has the keys' });
    await window.page.keyboard.type('clear; cockpit status\n');
    await until(async () => /box/.test(await window.page.locator('.panel .xterm-rows').first().innerText()), { what: 'the status in the terminal', timeoutMs: 20_000 });
  });
});
