import assert from 'node:assert/strict';
import { symlink, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCodeServer, type CodeServer } from '../support/codeServer.ts';
import { buildVsix, editorFixture, type EditorFixture } from '../support/editor.ts';
import { buildHostSuite } from '../support/hostSuite.ts';
import { startTmux, type TmuxFixture } from '../support/tmuxServer.ts';
import { until } from '../support/until.ts';
import { newProfile } from '../support/workbench.ts';

const sessions = 30;
const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the suite inside the extension host', () => {
  let host: TmuxFixture;
  let editor: EditorFixture;
  let driver: CodeServer;

  before(async () => {
    host = await startTmux();
    for (let index = 0; index < sessions; index += 1) await host.newSession(`cockpit-s${index}`, 'n=0; while :; do n=$((n+1)); echo $n; sleep 1; done');
    editor = await editorFixture();
    await editor.writeConfig([{ alias: 'alpha', transport: 'local', tmux_socket: host.socket }], { max_agents: 1 });
  });

  after(async () => {
    await driver.stop();
    await editor.dispose();
    await host.stop();
  });

  it('VSC-1 VSC-4 VSC-8 VSC-9 passes in the installed extension', async () => {
    const suite = await buildHostSuite(join(editor.cockpit.dir, 'suite'));
    await symlink(join(root, 'node_modules'), join(editor.cockpit.dir, 'suite', 'node_modules'));
    const results = join(editor.cockpit.dir, 'host-results.json');
    const dir = join(editor.cockpit.dir, 'driver');
    driver = await startCodeServer({ dir, env: { ...editor.cockpit.env, COCKPIT_DATA_DIR: editor.cockpit.paths.dataDir, COCKPIT_HOST_RESULTS: results }, vsix: await buildVsix(), smokeTestDriver: true, settings: { 'extensions.confirmedUriHandlerExtensionIds': ['cockpit.cockpit'] } });
    const authority = `vscode-remote://${new URL(driver.url).host}`;
    // The editor takes tests only for an extension in development: one that does nothing, beside the installed one.
    const payload = [['extensionDevelopmentPath', `${authority}${join(root, 'test/extension/empty')}`], ['extensionTestsPath', `${authority}${suite}`], ['skipWelcome', 'true']];
    const profile = await newProfile(editor.browser);
    const page = await profile.newPage();
    let exitCode: number | null = null;
    const links: Promise<unknown>[] = [];
    await page.exposeFunction('codeAutomationExit', (code: number) => { exitCode = code; });
    await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => {
      const line = args.join(' ');
      if (/^(activate|event loop):/.test(line)) console.log(`        ${line}`);
      const link = /^open: (\S+)$/.exec(line)?.[1];
      if (link !== undefined) links.push(profile.newPage().then((tab) => tab.goto(link)));
    });
    await page.goto(driver.windowUrl(editor.folder, { payload: JSON.stringify(payload) }));
    await until(() => exitCode !== null, { what: 'the suite ends', timeoutMs: 90_000 });
    const rows = JSON.parse(await readFile(results, 'utf8')) as { title: string; error: string | null }[];
    assert.deepEqual(rows.filter((row) => row.error !== null), []);
    assert.ok(rows.length >= 5);
    assert.equal(exitCode, 0);
    assert.equal((await Promise.all(links)).length, 2);
    await page.close();
  });
});
