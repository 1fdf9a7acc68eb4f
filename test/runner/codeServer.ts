import { spawnSync } from 'node:child_process';
import { mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { cacheDir, codeServerVersion, isCodeServerInstalled } from '../support/codeServer.ts';
import { plainModules } from './plainModules.ts';

/** Installs the VS Code server of the extension tests into the cache (once; half a minute, 750 MB, no compiler); returns what went wrong, else null. */
export function installCodeServer(): string | null {
  if (isCodeServerInstalled()) return null;
  const dir = cacheDir();
  console.log(`Installing the VS Code server (code-server ${codeServerVersion}, once, about half a minute) into ${dir}…`);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'package.json'), '{"private":true}\n');
  const server = join(dir, 'node_modules/code-server/lib/vscode');
  const problem = npmInstall(dir, [`code-server@${codeServerVersion}`]) ?? npmInstall(server, ['--omit=dev']);
  if (problem !== null) return `The VS Code server could not be installed: ${problem}`;
  for (const [name, text] of Object.entries(plainModules)) writeFileSync(join(server, 'node_modules', name, 'index.js'), text);
  writeFileSync(join(dir, 'complete'), '');
  return null;
}

/** Without install scripts: terminals, search and file watching come as prebuilds, and nothing else that compiles is used here. */
function npmInstall(cwd: string, args: string[]): string | null {
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_(?!config_(?:.*registry|.*proxy|cafile|ca|cache|userconfig|globalconfig)$)/i.test(name));
  const env = { ...Object.fromEntries(kept), PATH: [dirname(realpathSync(process.execPath)), process.env['PATH']].join(delimiter) };
  const { status, stderr } = spawnSync('npm', ['install', ...args, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  return status === 0 ? null : stderr.trim().split('\n').slice(-15).join('\n');
}
