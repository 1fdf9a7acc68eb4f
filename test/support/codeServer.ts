import { spawn, spawnSync } from 'node:child_process';
import { openSync, closeSync, existsSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { descendantsOf } from './processTree.ts';
import { freePort } from './sshd.ts';
import { until } from './until.ts';

/** The version whose workbench and extension host the tests drive (VS Code 1.139.1). */
export const codeServerVersion = '4.139.1';

/** Where the tests keep what is too big for the checkout. */
export const cacheDir = (): string => join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'cockpit-tests', `code-server-${codeServerVersion}`);

const serverMain = (): string => join(cacheDir(), 'node_modules/code-server/lib/vscode/out/server-main.js');

/** Whether the VS Code server is in the cache, whole. */
export const isCodeServerInstalled = (): boolean => existsSync(serverMain()) && existsSync(join(cacheDir(), 'complete'));

/** A quiet editor whose terminals render as text in the DOM. */
const quietSettings = {
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'workbench.enableExperiments': false,
  'update.mode': 'none',
  'git.enabled': false,
  'workbench.tips.enabled': false,
  'terminal.integrated.gpuAcceleration': 'off',
};

/** A running VS Code server with extensions of its own. */
export type CodeServer = {
  dir: string;
  url: string;
  pid: number;
  /** URL of a window on a folder; `query` is appended. */
  windowUrl(folder: string, query?: Record<string, string>): string;
  log(): string;
  /** Pids of the extension hosts. */
  extensionHosts(): number[];
  /** Ends it with everything below it, but not what detached itself. */
  stop(): Promise<void>;
};

export type CodeServerOptions = { dir: string; env: NodeJS.ProcessEnv; vsix?: string; settings?: Record<string, unknown>; smokeTestDriver?: boolean };

/** Starts a VS Code server in `dir`, with the extension of `vsix` installed. */
export async function startCodeServer(options: CodeServerOptions): Promise<CodeServer> {
  const { dir } = options;
  const at = (name: string) => join(dir, name);
  for (const name of ['user/User', 'ext', 'srv']) await mkdir(at(name), { recursive: true });
  await writeFile(at('user/User/settings.json'), JSON.stringify({ ...quietSettings, ...options.settings }));
  const places = ['--server-data-dir', at('srv'), '--user-data-dir', at('user'), '--extensions-dir', at('ext'), '--accept-server-license-terms', '--disable-telemetry'];
  const env = { ...options.env, VSCODE_AGENT_FOLDER: undefined, VSCODE_IPC_HOOK_CLI: undefined };
  if (options.vsix !== undefined) installExtension(options.vsix, places, env);
  const port = await freePort();
  const args = ['--host', '127.0.0.1', '--port', String(port), '--without-connection-token', '--disable-workspace-trust', '--reconnection-grace-time', '5', ...places];
  const log = openSync(at('server.log'), 'a');
  const child = spawn(process.execPath, [serverMain(), ...args, ...(options.smokeTestDriver ? ['--enable-smoke-test-driver'] : [])], { env, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  const { pid } = child;
  if (pid === undefined) throw new Error('the VS Code server did not start');
  const exited = new Promise<void>((resolve) => child.once('exit', () => { resolve(); }));
  const url = `http://127.0.0.1:${port}`;
  await until(async () => (await fetch(`${url}/version`)).ok, { what: 'the VS Code server answers', timeoutMs: 30_000 });
  return {
    dir,
    url,
    pid,
    windowUrl: (folder, query = {}) => `${url}/?${new URLSearchParams({ folder, ...query }).toString()}`,
    log: () => readFileSync(at('server.log'), 'utf8'),
    extensionHosts: () => descendantsOf(pid).filter((row) => row.commandLine.includes('--type=extensionHost')).map((row) => row.pid),
    async stop() {
      const below = descendantsOf(pid).map((row) => row.pid);
      end(pid, 'SIGTERM');
      await exited;
      // Extension hosts end by themselves when their window goes; the ones that serve an open window do not.
      for (const one of below) end(one, 'SIGKILL');
    },
  };
}

function installExtension(vsix: string, places: string[], env: NodeJS.ProcessEnv): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [serverMain(), '--install-extension', vsix, ...places], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${vsix} could not be installed: ${stdout}${stderr}`);
}

function end(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // it ended by itself
  }
}
