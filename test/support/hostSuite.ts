import { build } from 'esbuild';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Bundles the suite that runs inside the extension host into `dir`; returns the path for `extensionTestsPath`. */
export async function buildHostSuite(dir: string): Promise<string> {
  await mkdir(dir, { recursive: true });
  const entryPoints = { index: join(root, 'test/extension/host/index.ts'), suite: join(root, 'test/extension/host/suite.ts') };
  // mocha finds files by itself, so it stays what it is.
  await build({ entryPoints, outdir: dir, outExtension: { '.js': '.cjs' }, bundle: true, platform: 'node', format: 'cjs', target: 'node22', external: ['vscode', 'mocha'], logLevel: 'warning' });
  await writeFile(join(dir, 'package.json'), '{"type":"commonjs"}');
  return join(dir, 'index.cjs');
}
