import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { editorFixture, type EditorFixture } from '../support/editor.ts';
import { startTmux, type TmuxFixture } from '../support/tmuxServer.ts';
import { until } from '../support/until.ts';
import type { Workbench } from '../support/workbench.ts';

const reloadLimitMs = 2_000;

describe('several windows of the editor', () => {
  let host: TmuxFixture;
  let editor: EditorFixture;
  let first: Workbench;
  let second: Workbench;

  before(async () => {
    host = await startTmux();
    await host.newSession('cockpit-build', `PS1='build> ' exec sh -i`);
    await host.newSession('cockpit-test', `PS1='test> ' exec sh -i`);
    await host.run('kill-session', '-t', 'cockpit-keep');
    // A list of the person's own, which hides the defaults of every extension.
    editor = await editorFixture({ settings: { 'terminal.integrated.commandsToSkipShell': ['workbench.action.quickOpen'] } });
    await editor.writeConfig([{ alias: 'alpha', transport: 'local', tmux_socket: host.socket }]);
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await editor.keepFailure(this.currentTest.fullTitle());
  });

  after(async () => {
    await editor.dispose();
    await host.stop();
  });

  const ownerIs = (owner: 'vscode' | 'standby' | 'cli') =>
    until(
      async () => {
        const { supervisor } = await editor.cockpit.status();
        if (!supervisor.running || supervisor.owner !== owner) throw new Error(JSON.stringify(supervisor));
        return supervisor;
      },
      { what: `the supervisor is a ${owner}`, timeoutMs: 20_000 },
    );
  const threads = async () => (await editor.cockpit.status()).hosts[0]?.sessions.map((session) => session.agent.threadId);

  it('VSC-4 a list of the person that hides the function keys is noticed, and mended when they say so', async () => {
    first = await editor.open();
    await first.openView();
    const toast = first.page.locator('.notifications-toasts .notification-list-item', { hasText: 'commandsToSkipShell' });
    await toast.locator('.monaco-button', { hasText: 'Add them' }).click();
    await until(async () => /cockpit\.nextHost[^]*cockpit\.down/.test(await readFile(join(editor.server.dir, 'user/User/settings.json'), 'utf8')), { what: 'the keys are in the list' });
    assert.match(await readFile(join(editor.server.dir, 'user/User/settings.json'), 'utf8'), /workbench\.action\.quickOpen/);
  });

  it('VSC-1 the first window owns the supervisor, the second and the CLI join it', async () => {
    await first.row('cockpit-build').click();
    await first.pairShows(/build>/, /Codex|›/, 40_000);
    const owner = await ownerIs('vscode');
    second = await editor.open();
    await second.openView();
    await second.row('cockpit-build').waitFor();
    assert.equal((await ownerIs('vscode')).pid, owner.pid);
    assert.ok(owner.pid !== null && editor.server.extensionHosts().includes(owner.pid));
  });

  it('VSC-3 VSC-5 both windows show the one selection, also after the CLI changed it', async () => {
    await second.command('Cockpit: Show the Pair');
    await second.pairShows(/build>/, /Codex|›/);
    await editor.cockpit.must('ctl', 'next-session');
    await Promise.all([first.pairShows(/test>/, /./), second.pairShows(/test>/, /./)]);
  });

  it('VSC-1 a reload of the owning window costs at most 2 s and brings the pair back', async () => {
    const before = await threads();
    const startedMs = performance.now();
    await first.page.reload({ waitUntil: 'domcontentloaded' });
    await first.ready();
    const loadedMs = performance.now();
    await first.row('cockpit-build').waitFor();
    const treeMs = performance.now();
    await first.pairShows(/test>/, /Codex|›/);
    await ownerIs('vscode');
    const connectedMs = Number(editor.channelLog().split('\n').filter((line) => line.includes(' connected afterMs=')).sort().at(-1)?.match(/afterMs=(\d+)/)?.[1]);
    console.log(`        the editor itself ${Math.round(loadedMs - startedMs)} ms, then the tree ${Math.round(treeMs - loadedMs)} ms; of this cockpit ${connectedMs} ms`);
    assert.deepEqual(await threads(), before);
    assert.ok(connectedMs < reloadLimitMs, `${connectedMs} ms`);
  });

  it('VSC-1 when all windows are closed the standby goes on with the same agents, and gives way to the next window', async () => {
    const before = await threads();
    await first.page.close({ runBeforeUnload: false });
    await second.page.close({ runBeforeUnload: false });
    await ownerIs('standby');
    assert.deepEqual(await threads(), before);
    first = await editor.open();
    await first.openView();
    await first.row('cockpit-build').waitFor();
    await ownerIs('vscode');
    assert.deepEqual(await threads(), before);
  });

  it('VSC-1 PAIR-7 after down nobody goes on until a person starts it', async () => {
    await editor.cockpit.must('down');
    await first.page.getByText('The cockpit was taken down.').waitFor();
    assert.equal((await editor.cockpit.status()).supervisor.running, false);
    await first.page.locator('.sidebar .monaco-button', { hasText: 'Start' }).first().click();
    await first.row('cockpit-build').waitFor();
    await ownerIs('vscode');
  });
});
