// `npm run package [-- linux-x64 linux-arm64]`: builds a .vsix per target from exactly the files that it needs.
import { createVSIX } from '@vscode/vsce';
import { execFileSync, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const allTargets = ['linux-x64', 'linux-arm64'];
const maxBytes = 5_000_000;
/** Fields that mean something in the packed extension; the rest is for the checkout (`type` would make its files ESM). */
const packedFields = ['name', 'displayName', 'version', 'description', 'license', 'publisher', 'icon', 'categories', 'keywords', 'engines', 'main', 'extensionKind', 'capabilities', 'activationEvents', 'contributes'];

async function readJson(path) {
  return JSON.parse(await readFile(path, 'utf8'));
}

/** The native module without its sources and with the one prebuild of the target. */
async function stageSqlite(stage, target) {
  const from = join(root, 'node_modules/better-sqlite3');
  const to = join(stage, 'node_modules/better-sqlite3');
  await mkdir(join(to, 'prebuilds'), { recursive: true });
  await cp(join(from, 'lib'), join(to, 'lib'), { recursive: true });
  await cp(join(from, 'LICENSE'), join(to, 'LICENSE'));
  await cp(join(from, 'prebuilds', `${target}.node`), join(to, 'prebuilds', `${target}.node`));
  const { name, version, main, license } = await readJson(join(from, 'package.json'));
  await writeFile(join(to, 'package.json'), JSON.stringify({ name, version, main, license }));
  return { [name]: version };
}

/** What Playwright needs to drive a browser of this machine; the rest is its recorder, its trace viewer and its downloads. */
const playwrightFiles = ['index.js', 'index.mjs', 'browsers.json', 'LICENSE', 'NOTICE', 'lib/bootstrap.js', 'lib/package.js', 'lib/coreBundle.js', 'lib/utilsBundle.js', 'lib/utilsBundle.js.LICENSE'];

async function stagePlaywright(stage) {
  const from = join(root, 'node_modules/playwright-core');
  const to = join(stage, 'node_modules/playwright-core');
  for (const file of playwrightFiles) await cp(join(from, file), join(to, file));
  const { name, version, license } = await readJson(join(from, 'package.json'));
  await writeFile(join(to, 'package.json'), JSON.stringify({ name, version, license, exports: { import: './index.mjs', require: './index.js' } }));
  // An update may need other files: what does not load as the product loads it is not packed.
  const load = "import('playwright-core').then(({ chromium }) => chromium.launch({ executablePath: '/nonexistent' })).then(() => process.exit(1), ({ message }) => { if (!/nonexistent/.test(message)) throw new Error(message); })";
  execFileSync(process.execPath, ['-e', load], { cwd: stage, stdio: 'inherit' });
  return { [name]: version };
}

async function stageExtension(stage, target) {
  const manifest = await readJson(join(root, 'package.json'));
  const dependencies = { ...(await stageSqlite(stage, target)), ...(await stagePlaywright(stage)) };
  const packed = { ...Object.fromEntries(packedFields.map((field) => [field, manifest[field]])), dependencies };
  await writeFile(join(stage, 'package.json'), JSON.stringify(packed, null, 2));
  for (const name of ['README.md', 'CHANGELOG.md', 'LICENSE', 'media']) await cp(join(root, name), join(stage, name), { recursive: true });
  await cp(join(root, 'dist'), join(stage, 'dist'), { recursive: true, filter: (source) => !source.endsWith('.map') });
  // Without a list of its own vsce would take this for a forgotten one.
  await writeFile(join(stage, '.vscodeignore'), 'media/icon.svg\n');
  return packed;
}

async function pack(target) {
  const stage = await mkdtemp(join(tmpdir(), 'cockpit-vsix-'));
  try {
    const { name, version } = await stageExtension(stage, target);
    const packagePath = join(root, `${name}-${target}-${version}.vsix`);
    await rm(packagePath, { force: true });
    await createVSIX({ cwd: stage, target, packagePath, allowMissingRepository: true, rewriteRelativeLinks: false, allowPackageAllSecrets: false });
    const { size } = await stat(packagePath);
    if (size > maxBytes) throw new Error(`${packagePath} has ${size} bytes, more than ${maxBytes}`);
    console.log(`${packagePath} ${(size / 1e6).toFixed(2)} MB`);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

const wanted = process.argv.slice(2);
const unknown = wanted.find((target) => !allTargets.includes(target));
if (unknown !== undefined) {
  console.error(`no target ${unknown}; there are ${allTargets.join(', ')}`);
  process.exit(2);
}
const built = spawnSync(process.execPath, [join(root, 'esbuild.mjs')], { stdio: 'inherit' });
if (built.status !== 0) process.exit(1);
for (const target of wanted.length > 0 ? wanted : allTargets) await pack(target);
