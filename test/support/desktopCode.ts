import { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath, runTests } from '@vscode/test-electron';
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { startChild } from './child.ts';
import { cacheDir } from './codeServer.ts';

/** What runs in a desktop VS Code. `onLine` hears each line of its output; it may open a link of the editor with `openUrl`. */
export type DesktopRun = { dir: string; vsix: string; suite: string; emptyExtension: string; folder: string; env: NodeJS.ProcessEnv; settings: Record<string, unknown>; onLine: (line: string, openUrl: (url: string) => void) => void };

/** Runs a suite inside the extension host of a desktop VS Code (`COCKPIT_VSCODE`, else the stable one, downloaded once) with the extension of `vsix` installed; rejects if the suite fails or there is no such editor. */
export async function runInDesktop({ dir, vsix, suite, emptyExtension, folder, env, settings, onLine }: DesktopRun): Promise<void> {
  const executable = process.env['COCKPIT_VSCODE'] ?? (await download());
  const [cli = '', ...cliArgs] = resolveCliArgsFromVSCodeExecutablePath(executable, { reuseMachineInstall: true });
  const places = ['--user-data-dir', join(dir, 'user'), '--extensions-dir', join(dir, 'ext')];
  // Chromium's sandbox does not work for root.
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  await mkdir(join(dir, 'user/User'), { recursive: true });
  await writeFile(join(dir, 'user/User/settings.json'), JSON.stringify(settings));
  const screen = env['DISPLAY'] ? null : startChild('Xvfb', ['-displayfd', '1', '-screen', '0', '1440x900x24', '-nolisten', 'tcp']);
  try {
    const shown = { ...env, ...(screen === null ? {} : { DISPLAY: `:${await screen.next()}` }) };
    execFileSync(cli, [...cliArgs, ...places, ...root, '--install-extension', vsix], { env: shown, stdio: ['ignore', 'ignore', 'inherit'] });
    const openUrl = (url: string) => { execFile(cli, [...cliArgs, ...places, ...root, '--open-url', '--', url], { env: shown }); };
    await runTests({
      vscodeExecutablePath: executable,
      reuseMachineInstall: true,
      extensionDevelopmentPath: emptyExtension,
      extensionTestsPath: suite,
      extensionTestsEnv: shown,
      launchArgs: [folder, ...places, ...root, '--disable-workspace-trust', '--skip-welcome', '--skip-release-notes', '--disable-gpu'],
      stdout: lines((line) => { onLine(line, openUrl); }),
    });
  } finally {
    await screen?.kill();
  }
}

async function download(): Promise<string> {
  try {
    return await downloadAndUnzipVSCode({ version: 'stable', cachePath: join(dirname(cacheDir()), 'desktop') });
  } catch (error) {
    throw new Error('A desktop VS Code cannot be downloaded here. COCKPIT_VSCODE=PATH names one that is on the machine (its program `code`, not the script in bin/).', { cause: error });
  }
}

function lines(each: (line: string) => void): Writable {
  let rest = '';
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      const parts = (rest + chunk.toString()).split('\n');
      rest = parts.pop() ?? '';
      parts.forEach(each);
      done();
    },
  });
}
