import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext } from 'playwright-core';
import { startScriptedModel, type ScriptedModel } from '../../src/demo/scriptedModel.ts';
import { cockpitFixture, type CockpitFixture } from './cockpit.ts';
import { startCodeServer, type CodeServer } from './codeServer.ts';
import { scriptedProvider } from './codex.ts';
import { newProfile, startBrowser, Workbench } from './workbench.ts';

const exec = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const codexPath = join(root, 'node_modules/@openai/codex/bin/codex.js');

/** The `.vsix` for this machine. */
async function vsixPath(): Promise<string> {
  const { name, version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { name: string; version: string };
  return join(root, `${name}-linux-${process.arch}-${version}.vsix`);
}

let isPackaged = false;

/** Builds the `.vsix` for this machine, once per test process. */
export async function buildVsix(): Promise<string> {
  if (!isPackaged) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'package.mjs'), `linux-${process.arch}`], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`packaging failed: ${stdout}${stderr}`);
    isPackaged = true;
  }
  return await vsixPath();
}

/** The built extension in a real editor over a data directory of its own. */
export type EditorFixture = {
  cockpit: CockpitFixture;
  server: CodeServer;
  model: ScriptedModel;
  browser: Browser;
  /** The profile whose windows share settings. */
  profile: BrowserContext;
  folder: string;
  /** Opens a further window. */
  open(): Promise<Workbench>;
  /** A host of the configuration that is a tmux server on this machine. */
  writeConfig(hosts: Parameters<CockpitFixture['writeConfig']>[0]['hosts'], fields?: Partial<Parameters<CockpitFixture['writeConfig']>[0]>): Promise<void>;
  /** Kills the tmux server on a socket, without any clean-up. */
  kill(socket: string): Promise<void>;
  /** What the extension wrote into its output channel. */
  channelLog(): string;
  /** Keeps pictures and logs of a failed test in test-results/extension. */
  keepFailure(title: string): Promise<void>;
  /** Closes windows, takes the cockpit down and ends everything. */
  dispose(): Promise<void>;
};

export type EditorOptions = { env?: NodeJS.ProcessEnv; settings?: Record<string, unknown> };

/** Starts the editor; nothing of cockpit runs before a window's view is opened. */
export async function editorFixture(options: EditorOptions = {}): Promise<EditorFixture> {
  const vsix = await buildVsix();
  const cockpit = await cockpitFixture(options.env);
  const model = await startScriptedModel();
  const folder = join(cockpit.dir, 'work');
  await mkdir(folder);
  await writeFile(join(folder, 'notes.txt'), 'nothing of cockpit\n');
  const env = { ...cockpit.env, COCKPIT_DATA_DIR: cockpit.paths.dataDir };
  const server = await startCodeServer({ dir: join(cockpit.dir, 'code'), env, vsix, ...(options.settings ? { settings: options.settings } : {}) });
  const browser = await startBrowser();
  const profile = await newProfile(browser);
  const windows: Workbench[] = [];
  const channelLog = () => spawnSync('sh', ['-c', `find "$1" -name '*Cockpit*.log' -exec cat {} +`, 'sh', server.dir], { encoding: 'utf8' }).stdout;
  return {
    cockpit,
    server,
    model,
    browser,
    profile,
    folder,
    async open() {
      const workbench = await Workbench.open(profile, server.windowUrl(folder));
      windows.push(workbench);
      return workbench;
    },
    async writeConfig(hosts, fields = {}) {
      await cockpit.writeConfig({ hosts, local_agent_model: 'fake-model', codex_path: codexPath, codex_config: scriptedProvider(model.url), ...fields });
    },
    async kill(socket) {
      const pid = Number((await exec('tmux', ['-N', '-S', socket, 'display-message', '-p', '#{pid}'])).stdout);
      process.kill(pid, 'SIGKILL');
    },
    channelLog,
    async keepFailure(title) {
      const kept = join(root, 'test-results', 'extension', title.replace(/[^\w-]+/g, '_').slice(0, 80));
      await mkdir(kept, { recursive: true });
      for (const [index, window] of windows.entries()) if (!window.page.isClosed()) await window.keep(kept, `window-${index + 1}`);
      await writeFile(join(kept, 'channel.log'), channelLog());
      await writeFile(join(kept, 'server.log'), server.log());
    },
    async dispose() {
      await browser.close();
      await server.stop();
      await model.close();
      await cockpit.dispose();
    },
  };
}
