import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { cacheDir, codeServerVersion, isCodeServerInstalled } from '../support/codeServer.ts';

/** Installs the VS Code server of the extension tests into the cache (once; 2 minutes, 620 MB); returns what went wrong, else null. */
export function installCodeServer(): string | null {
  if (isCodeServerInstalled()) return null;
  const dir = cacheDir();
  const nodeHome = dirname(dirname(realpathSync(process.execPath)));
  if (!existsSync(join(nodeHome, 'include/node/node.h'))) return `The VS Code server is compiled against the headers of Node 24, and ${process.execPath} has none beside it. Run the tests with \`npm test\`.`;
  console.log(`Installing the VS Code server (code-server ${codeServerVersion}, once, about 2 minutes) into ${dir}…`);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'package.json'), '{"private":true}\n');
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_(?!config_(?:.*registry|.*proxy|cafile|ca|cache|userconfig|globalconfig)$)/i.test(name));
  // The machine's own npm settings may name the headers of another Node.
  const env = { ...Object.fromEntries(kept), PATH: [join(nodeHome, 'bin'), process.env['PATH']].join(delimiter), npm_config_nodedir: nodeHome };
  const { status, stderr } = spawnSync('npm', ['install', `code-server@${codeServerVersion}`, '--no-audit', '--no-fund', '--loglevel=error'], { cwd: dir, env, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (status !== 0) return `The VS Code server could not be installed: ${stderr.trim().split('\n').slice(-15).join('\n')}`;
  writeFileSync(join(dir, 'complete'), '');
  return null;
}
