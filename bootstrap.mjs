// Makes a bare clone runnable: `node bootstrap.mjs SCRIPT [ARGS]` installs the dependencies if they are missing or old, builds dist/ if SCRIPT
// lies there and sources are newer, and runs SCRIPT with the project's own Node. Runs on any Node from 18 on, so it has no dependency.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.cockpit-stamp');
const oldestNode = [22, 14];

class Problem extends Error {}

// ---------------------------------------------------------------- dependencies

const lockText = () => readFileSync(join(root, 'package-lock.json'), 'utf8');
const lockHash = () => createHash('sha256').update(lockText()).digest('hex');

/** npm keeps a list of what it installed, and writes it last. */
function listAgreesWithLock() {
  const list = join(modules, '.package-lock.json');
  if (!existsSync(list)) return false;
  const installed = JSON.parse(readFileSync(list, 'utf8')).packages;
  const wanted = Object.entries(JSON.parse(lockText()).packages).filter(([path]) => path !== '');
  return wanted.every(([path, { version, optional }]) => (path in installed ? installed[path].version === version : optional === true));
}

function isInstalled() {
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lockHash()) return true;
  if (!listAgreesWithLock()) return false; // an install by hand is as good
  writeFileSync(stampFile, lockHash());
  return true;
}

/** What `npm run` exports describes the outer call (dry-run, omit, prefix, loglevel…) and would change the inner one; only how to reach the registry is kept. */
function environmentForNpm() {
  const kept = /^npm_config_(?:.*registry|.*proxy|cafile|ca|strict_ssl|cache|userconfig|globalconfig|\/\/.*)$/i;
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) || kept.test(name)));
  // `npm ci` replaces node_modules, so neither npm nor its children may run with the Node that lies in there.
  environment.PATH = (process.env.PATH ?? '').split(delimiter).filter((folder) => !resolve(folder).startsWith(modules)).join(delimiter);
  return environment;
}

const explanations = [
  [/ENOSPC/, 'the disk is full. The dependencies need about 1 GB; make room and run the command again.'],
  [/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EIDLETIMEOUT|network/, 'the package registry cannot be reached. Check the network, the proxy (HTTPS_PROXY) and `npm config get registry`, then run the command again.'],
  [/EACCES|EPERM/, `no permission to write in ${root} or in npm's cache. Make both yours (chown), then run the command again.`],
  [/EUSAGE|in sync/, 'package.json and package-lock.json do not fit together. Run `npm install --package-lock-only` and look at the difference.'],
];

async function install() {
  const started = Date.now();
  console.error('Installing dependencies (npm ci; once, about 800 MB, a minute or two)…');
  // Install scripts only compile optional speed-ups of ssh2; without them no compiler is needed.
  const child = spawn('npm', ['ci', '--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env: environmentForNpm(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (data) => { errors = (errors + String(data)).slice(-20_000); });
  const ticker = setInterval(() => { console.error(`… still installing, ${String(Math.round((Date.now() - started) / 1000))} s`); }, 10_000);
  const outcome = await new Promise((done) => {
    child.on('error', done);
    child.on('close', done);
  }).finally(() => { clearInterval(ticker); });
  if (outcome instanceof Error && outcome.code === 'ENOENT') throw new Problem('npm was not found. Install Node.js with npm (22 or newer; on Debian: apt-get install npm), then run the command again.');
  if (outcome instanceof Error) throw new Problem(`npm could not be started: ${outcome.message}`);
  if (outcome !== 0) {
    const reason = explanations.find(([pattern]) => pattern.test(errors))?.[1] ?? 'see npm\'s own words above.';
    const shown = errors.trim().split('\n').slice(0, 25).join('\n');
    throw new Problem(`${shown}\n\nInstalling the dependencies failed: ${reason}`);
  }
  // npm may end well although it could not write everything.
  if (!listAgreesWithLock()) throw new Problem('npm reported success, but packages are missing, as happens on a full disk. The dependencies need about 1 GB; make room and run the command again.');
  writeFileSync(stampFile, lockHash());
  console.error(`Installed in ${String(Math.round((Date.now() - started) / 1000))} s.`);
}

// ---------------------------------------------------------------- Node

const isNewEnough = (version) => {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
};

/** The Node of the devDependencies; on a platform without one, the Node that runs this. */
function findNode() {
  const own = join(modules, '.bin', 'node');
  if (existsSync(own)) {
    if (realpathSync(own) === realpathSync(process.execPath)) return own;
    if (spawnSync(own, ['--version'], { stdio: 'ignore' }).status === 0) return own;
  }
  if (isNewEnough(process.version)) return process.execPath;
  throw new Problem(`Node ${process.version} is too old and there is no Node package for ${process.platform}-${process.arch}. Install Node.js ${oldestNode.join('.')} or newer (https://nodejs.org), then run the command again.`);
}

// ---------------------------------------------------------------- build

/** Folders count as well: their time moves when a file in them is removed. */
function newestMtime(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestMtime(join(path, name))), stat.mtimeMs);
}

function buildIfStale(node) {
  const marker = join(root, 'dist', 'package.json');
  const newest = Math.max(...['src', 'esbuild.mjs', 'package.json', 'package-lock.json'].map((name) => newestMtime(join(root, name))));
  if (existsSync(marker) && statSync(marker).mtimeMs >= newest) return;
  const { status, stdout, stderr } = spawnSync(node, [join(root, 'esbuild.mjs')], { encoding: 'utf8' });
  if (status !== 0) throw new Problem(`${stderr}${stdout}\nThe sources do not build; see the errors above.`);
}

// ---------------------------------------------------------------- run

/** Runs the script in place of this process: same terminal, same signals, same end. */
function run(node, script, args) {
  const child = spawn(node, [script, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    // Ctrl-C in a terminal reaches the child by itself.
    process.on(signal, () => { if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal); });
  }
  child.on('error', (error) => { fail(new Problem(`${node} could not be started: ${error.message}`)); });
  child.on('exit', (code, signal) => { process.exit(code ?? 128 + constants.signals[signal]); });
}

function fail(error) {
  const reason = error.syscall === undefined ? undefined : explanations.find(([pattern]) => pattern.test(error.code))?.[1];
  if (error instanceof Problem) console.error(`cockpit: ${error.message}`);
  else console.error(reason === undefined ? error : `cockpit: ${error.message}\n${reason}`);
  process.exit(1);
}

try {
  const [script, ...args] = process.argv.slice(2);
  if (script === undefined) throw new Problem('usage: node bootstrap.mjs SCRIPT [ARGS]');
  if (!isInstalled()) await install();
  const node = findNode();
  const path = resolve(root, script);
  if (relative(root, path).startsWith(`dist${sep}`)) buildIfStale(node);
  if (!existsSync(path)) throw new Problem(`${relative(root, path)} does not exist.`);
  run(node, path, args);
} catch (error) {
  fail(error);
}
