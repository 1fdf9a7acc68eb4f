import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { editorFixture, type EditorFixture } from '../support/editor.ts';
import { startSshd, type SshdFixture } from '../support/sshd.ts';
import { until } from '../support/until.ts';
import type { Workbench } from '../support/workbench.ts';

describe('the first run in the editor, to a working pair over ssh', () => {
  let sshd: SshdFixture;
  let editor: EditorFixture;
  let window: Workbench;

  before(async () => {
    sshd = await startSshd({ aliases: ['box', 'spare'] });
    remote('new-session', '-d', '-s', 'work', `PS1='work> ' exec sh -i`);
    editor = await editorFixture({ env: { COCKPIT_SSH_CONFIG: sshd.configFile } });
    window = await editor.open();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await editor.keepFailure(this.currentTest.fullTitle());
  });

  after(async () => {
    await editor.dispose();
    await sshd.stop();
  });

  const remote = (...args: string[]) => execFileSync('tmux', args, { encoding: 'utf8', env: { ...process.env, TMUX: '', TMUX_TMPDIR: sshd.tmuxTmpDir, HOME: sshd.home } });

  it('VSC-9 with no configuration the tree offers setup and the demo, the walkthrough shows its steps, and nothing runs', async () => {
    await window.openView();
    for (const button of ['Set Up Hosts', 'Start Demo']) await window.page.locator('.sidebar .monaco-button', { hasText: button }).waitFor();
    assert.match(await window.statusBar(), /set up/);
    for (const step of ['Check what is needed', 'Look at the demo', 'Pick hosts and accounts', 'Open a pair']) await window.page.getByText(step).first().waitFor();
    await window.keepPicture('first-run');
    assert.equal((await editor.cockpit.status()).supervisor.running, false);
  });

  it('VSC-9 Doctor shows its report as a document', async () => {
    await window.command('Cockpit: Doctor');
    await until(async () => /tmux/.test(await window.editorText()), { what: 'the report', timeoutMs: 30_000 });
    await window.keepPicture('doctor');
    await window.closeTab('doctor');
  });

  it('CONF-4 VSC-1 VSC-9 setup in quick picks: hosts of the ssh configuration, an account, a session to adopt, settings; over one ssh login', async () => {
    // What a person has in the file already stays.
    await editor.writeConfig([]);
    await window.command('Cockpit: Set Up Hosts and Accounts');
    await window.pick(/setup \(1\/3\)/, ['box']);
    await window.choose(/setup \(2\/3\)/, 'Add an account');
    await window.answer('Short name of the account', 'work');
    await window.answer('E-mail address of work', 'me@example.com');
    await window.answer('Password of work', 'canary-of-the-editor');
    await until(async () => /me@example\.com/.test(await window.quickPickText()), { what: 'the account is listed', timeoutMs: 20_000 });
    await window.keepPicture('setup');
    await window.choose(/setup \(2\/3\)/, 'Done');
    await window.pick(/setup \(3\/3\): box/, ['work']);
    await window.pick(/setup \(3\/3\): box/, ['Allow remote auth'], 'what may cockpit do there');
    await window.row('cockpit-work on box').waitFor({ timeout: 30_000 });
    const config = await until(async () => {
      const text = await readFile(editor.cockpit.paths.config, 'utf8');
      return /- alias: box\n {4}wake: true\n {4}approvals: bypass\n {4}remote_auth: allow\n/.test(text) ? text : null;
    }, { what: 'the settings are in the file' });
    assert.match(config, /- key: work\n {4}email: me@example\.com\n/);
    assert.match(config, /local_agent_model: fake-model/);
    assert.equal(existsSync(editor.cockpit.paths.secrets), false, 'without a keyring the editor keeps the password itself');
    assert.doesNotMatch(config + editor.channelLog() + editor.server.log(), /canary/);
    assert.equal(sshd.logins(), 1);
  });

  it('KEY-1 VSC-3 with keys alone: setup ends in Go to Session, which opens the pair, F3 claims, typing reaches the remote', async () => {
    await window.page.locator('.quick-input-list .monaco-list-row', { hasText: 'cockpit-work' }).first().waitFor();
    await window.page.keyboard.press('Enter');
    await window.pairShows(/work>/, /Codex|›/, 40_000);
    await window.page.keyboard.press('F3');
    await until(() => remote('show-options', '-qv', '-t', 'cockpit-work', '@cockpit_owner').startsWith('human'), { what: 'the human owns the session' });
    await window.page.keyboard.type('echo OVER-SSH-$((40+2))\n');
    await until(() => remote('capture-pane', '-p', '-t', 'cockpit-work').includes('OVER-SSH-42'), { what: 'the command ran at the remote' });
    await window.pairShows(/OVER-SSH-42/, /./);
    await window.keepPicture('pair-over-ssh');
  });

  it('VSC-9 Show Log opens the output channel with levels', async () => {
    await window.command('Cockpit: Show Log');
    await until(async () => /\[info\].*connected afterMs=/.test(await window.outputText()), { what: 'the log in the panel', timeoutMs: 20_000 });
  });

  it('VSC-9 `cockpit` is on the PATH of integrated terminals and speaks of the same data directory', async () => {
    await window.command('Terminal: Create New Terminal');
    await until(() => window.isTerminalFocused('.panel'), { what: 'the terminal has the keys', timeoutMs: 20_000 });
    await window.page.keyboard.type('clear; cockpit status\n');
    await until(async () => /box/.test(await window.page.locator('.panel .xterm-rows').first().innerText()), { what: 'the status in the terminal', timeoutMs: 20_000 });
  });
});
