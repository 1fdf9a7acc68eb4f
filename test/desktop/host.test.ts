import assert from 'node:assert/strict';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startScriptedModel, type ScriptedModel } from '../../src/demo/scriptedModel.ts';
import { startChangingHost } from '../support/changingHost.ts';
import { cockpitFixture, type CockpitFixture } from '../support/cockpit.ts';
import { scriptedProvider } from '../support/codex.ts';
import { runInDesktop } from '../support/desktopCode.ts';
import { buildVsix } from '../support/editor.ts';
import { buildHostSuite } from '../support/hostSuite.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the suite inside the extension host of a desktop VS Code', () => {
  let host: Awaited<ReturnType<typeof startChangingHost>>;
  let model: ScriptedModel;
  let cockpit: CockpitFixture;

  before(async () => {
    host = await startChangingHost();
    model = await startScriptedModel();
    cockpit = await cockpitFixture();
    await cockpit.writeConfig({ hosts: [{ alias: 'alpha', transport: 'local', tmux_socket: host.socket }], max_agents: 1, local_agent_model: 'fake-model', codex_path: join(root, 'node_modules/@openai/codex/bin/codex.js'), codex_config: scriptedProvider(model.url) });
  });

  after(async () => {
    await cockpit.dispose();
    await model.close();
    await host.stop();
  });

  it('VSC-1 VSC-4 VSC-8 VSC-9 passes in the installed extension', async () => {
    const at = (name: string) => join(cockpit.dir, name);
    const suite = await buildHostSuite(at('suite'));
    await symlink(join(root, 'node_modules'), at('suite/node_modules'));
    await mkdir(at('folder'));
    await runInDesktop({
      dir: at('desktop'),
      vsix: await buildVsix(),
      suite,
      emptyExtension: join(root, 'test/extension/empty'),
      folder: at('folder'),
      env: { ...cockpit.env, COCKPIT_DATA_DIR: cockpit.paths.dataDir, COCKPIT_HOST_RESULTS: at('results.json') },
      settings: { 'extensions.confirmedUriHandlerExtensionIds': ['cockpit.cockpit'], 'telemetry.telemetryLevel': 'off', 'update.mode': 'none' },
      onLine(line, openUrl) {
        if (/^(activate|event loop):/.test(line)) console.log(`        ${line}`);
        const link = /^open: (\S+)$/.exec(line)?.[1];
        if (link !== undefined) openUrl(link);
      },
    });
    const rows = JSON.parse(await readFile(at('results.json'), 'utf8')) as { title: string; error: string | null }[];
    assert.deepEqual(rows.filter((row) => row.error !== null), []);
    assert.ok(rows.length >= 5);
  });
});
