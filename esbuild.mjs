// Bundles the entry points into dist/: `node esbuild.mjs [--watch]`.
import { build, context } from 'esbuild';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const dist = join(root, 'dist');
const watch = process.argv.includes('--watch');

/** `external` of the CLI does not name vscode: that the bundle builds proves that no layer below the views needs the editor. */
const entries = [
  { source: 'src/cli/cockpit.ts', output: 'cockpit.js', external: [], executable: true },
  // `.cjs`: VS Code would load a .js of a package of type module as ESM.
  { source: 'src/extension.ts', output: 'extension.cjs', external: ['vscode'], executable: false },
  { source: 'src/supervisorThread.ts', output: 'supervisor.cjs', external: [], executable: false },
];
/** `cockpit` on the PATH of integrated terminals: the editor's own Node runs it, which in a desktop is Electron. */
const wrapper = `#!/bin/sh
ELECTRON_RUN_AS_NODE=1 exec "\${COCKPIT_NODE:-node}" "$(dirname "$(readlink -f "$0")")/../cockpit.js" "$@"
`;
/** better-sqlite3 finds its native file beside itself, playwright-core its own files; ssh2 tries its natives and does without. */
const natives = ['better-sqlite3', 'playwright-core', 'cpu-features', '*/sshcrypto.node'];
const assetPattern = /\.(sh|sql|md|json)$/;
const reservedNames = new Set(['package.json', 'bin', ...entries.map((entry) => entry.output)]);

/** Files that code reads with `new URL('./NAME', import.meta.url)`: they lie flat beside the bundle, so base names are unique. */
async function collectAssets() {
  const assets = new Map();
  for (const file of await readdir(join(root, 'src'), { recursive: true, withFileTypes: true })) {
    if (!file.isFile() || !assetPattern.test(file.name) || file.name === 'README.md') continue;
    const path = join(file.parentPath, file.name);
    const other = assets.get(file.name);
    if (other !== undefined) throw new Error(`two assets have the same name, rename one: ${other} and ${path}`);
    if (reservedNames.has(file.name)) throw new Error(`an asset may not be called ${file.name}: ${path}`);
    assets.set(file.name, path);
  }
  return assets;
}

/** Writes through a temporary name, so that a program that starts meanwhile sees the old file or the new one. */
async function replaceFile(path, write) {
  const temporary = `${path}.${String(process.pid)}.new`;
  await write(temporary);
  await rename(temporary, path);
}

async function removeStale(keep) {
  for (const name of await readdir(dist)) if (!keep.has(name)) await rm(join(dist, name), { recursive: true });
}

async function publish(outputFiles, startedAt) {
  await mkdir(dist, { recursive: true });
  const assets = await collectAssets();
  for (const file of outputFiles) {
    await replaceFile(join(dist, basename(file.path)), async (path) => {
      await writeFile(path, file.contents);
      if (basename(file.path) === 'cockpit.js') await chmod(path, 0o755);
    });
  }
  await mkdir(join(dist, 'bin'), { recursive: true });
  await replaceFile(join(dist, 'bin', 'cockpit'), (path) => writeFile(path, wrapper, { mode: 0o755 }));
  for (const [name, source] of assets) await replaceFile(join(dist, name), (path) => copyFile(source, path));
  await removeStale(new Set(['package.json', 'bin', ...assets.keys(), ...outputFiles.map((file) => basename(file.path))]));
  // The root package is ESM, the bundles are CommonJS. Written last and dated at the start: bootstrap.mjs takes its time as the time of the build.
  const marker = join(dist, 'package.json');
  await replaceFile(marker, (path) => writeFile(path, '{"type":"commonjs"}\n'));
  await utimes(marker, startedAt, startedAt);
}

async function optionsFor(entry) {
  const hasShebang = (await readFile(join(root, entry.source), 'utf8')).startsWith('#!');
  const shebang = entry.executable && !hasShebang ? '#!/usr/bin/env node\n' : '';
  return {
    absWorkingDir: root,
    entryPoints: [entry.source],
    outfile: join(dist, entry.output),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22.14',
    sourcemap: true,
    write: false,
    logLevel: watch ? 'info' : 'warning',
    external: [...natives, ...entry.external],
    define: { 'import.meta.url': 'importMetaUrl', 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    banner: { js: `${shebang}const importMetaUrl = require('node:url').pathToFileURL(__filename).href;` },
  };
}

const present = entries.filter((entry) => existsSync(join(root, entry.source)));
if (present.length === 0) {
  console.error(`nothing to build: neither ${entries.map((entry) => entry.source).join(' nor ')} exists`);
  process.exit(1);
}

if (watch) {
  /** The latest files of each entry; every rebuild publishes all of them. */
  const latest = new Map();
  let queue = Promise.resolve();
  for (const entry of present) {
    const plugin = {
      name: 'publish',
      setup: ({ onEnd }) => {
        onEnd(async (result) => {
          if (result.errors.length > 0 || result.outputFiles === undefined) return;
          latest.set(entry.output, result.outputFiles);
          if (latest.size < present.length) return;
          const startedAt = new Date();
          queue = queue.then(() => publish([...latest.values()].flat(), startedAt)).catch((error) => { console.error(error.message); });
          await queue;
        });
      },
    };
    const watcher = await context({ ...(await optionsFor(entry)), plugins: [plugin] });
    await watcher.watch();
  }
} else {
  const startedAt = new Date();
  try {
    const results = await Promise.all(present.map(async (entry) => build(await optionsFor(entry))));
    await publish(results.flatMap((result) => result.outputFiles), startedAt);
    console.log(`built ${present.map((entry) => `dist/${entry.output}`).join(', ')} in ${String(Date.now() - startedAt.getTime())} ms`);
  } catch (error) {
    if (!Array.isArray(error.errors)) console.error(`build failed: ${error.message}`); // esbuild prints its own
    process.exitCode = 1;
  }
}
