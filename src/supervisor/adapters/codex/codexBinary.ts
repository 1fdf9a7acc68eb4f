import { execFile } from 'node:child_process';
import { access, constants, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { HumanError, messageOf } from '../../base/errors.ts';

/** A native Codex program that was run once and told its version (`0.169.0`). */
export type CodexBinary = { path: string; version: string };

/** The first version whose app-server has all that agents are built on (`--listen unix://`, thread queue, `--remote`). */
const oldestAppServer = [0, 169] as const;

const triples: Record<string, string> = { x64: 'x86_64-unknown-linux-musl', arm64: 'aarch64-unknown-linux-musl' };

/**
 * Finds the Codex of `codex_path`: a path, or a name on PATH, or last the `@openai/codex` that is installed next to this program (not with COCKPIT_NO_BUNDLED_CODEX).
 * The npm wrapper is resolved to the native program of its platform package. Throws HumanError.
 */
export async function resolveCodex(codexPath: string, env: NodeJS.ProcessEnv): Promise<CodexBinary> {
  const found = await findProgram(codexPath, env);
  if (found === null) {
    throw new HumanError('codex-missing', `No Codex at "${codexPath}". Install it with "npm install -g @openai/codex", or set codex_path in config.yaml to the program.`);
  }
  const path = await nativeProgram(found);
  return { path, version: await versionOf(path, env) };
}

/** Whether this version has the app-server interface that exact agents need; older ones run as a plain TUI. */
export function supportsAppServer(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  return major > oldestAppServer[0] || (major === oldestAppServer[0] && minor >= oldestAppServer[1]);
}

/** Whether this is the demo's stand-in, which only says that there is no Codex (DEMO-2). */
export function isStandIn(version: string): boolean {
  return version === '0.0.0-stand-in';
}

/** The version in the output of `codex --version`, or null. */
export function parseCodexVersion(output: string): string | null {
  return /codex(?:-cli)?\s+v?(\d+\.\d+\.\d+\S*)/.exec(output)?.[1] ?? null;
}

async function findProgram(codexPath: string, env: NodeJS.ProcessEnv): Promise<string | null> {
  if (codexPath.includes('/')) {
    const path = codexPath.startsWith('~/') ? join(env['HOME'] ?? '/', codexPath.slice(2)) : resolve(codexPath);
    return (await isExecutable(path)) ? path : null;
  }
  for (const dir of (env['PATH'] ?? '').split(delimiter)) {
    const path = join(dir, codexPath);
    if (isAbsolute(dir) && (await isExecutable(path))) return path;
  }
  return codexPath === 'codex' && !env['COCKPIT_NO_BUNDLED_CODEX'] ? bundledWrapper() : null;
}

/** The wrapper in `node_modules` next to this program, for the demo; its package exports nothing, so its manifest is what can be resolved. */
function bundledWrapper(): string | null {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('@openai/codex/package.json')), 'bin', 'codex.js');
  } catch {
    return null;
  }
}

async function nativeProgram(found: string): Promise<string> {
  const real = await realpath(found);
  if (!/\.[cm]?js$/.test(real)) return real;
  const triple = triples[process.arch];
  const packageDir = platformPackageDir(real);
  for (const root of packageDir === null ? [dirname(dirname(real))] : [packageDir, dirname(dirname(real))]) {
    const path = join(root, 'vendor', triple ?? '', 'bin', 'codex');
    if (triple !== undefined && (await isExecutable(path))) return path;
  }
  throw new HumanError('codex-wrapper', `${found} is the npm wrapper of Codex, and its native program for linux-${process.arch} is not installed. Reinstall it with "npm install -g @openai/codex@latest".`);
}

function platformPackageDir(wrapper: string): string | null {
  try {
    return dirname(createRequire(wrapper).resolve(`@openai/codex-linux-${process.arch}/package.json`));
  } catch {
    return null;
  }
}

async function versionOf(path: string, env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: 10_000, env: { PATH: env['PATH'], HOME: env['HOME'], LANG: 'C.UTF-8' } });
    const version = parseCodexVersion(stdout);
    if (version !== null) return version;
    throw new Error(`"codex --version" said ${JSON.stringify(stdout.slice(0, 80))}`);
  } catch (error) {
    throw new HumanError('codex-unusable', `${path} is not a usable Codex (${messageOf(error)}). Reinstall Codex, or set codex_path in config.yaml.`, { cause: error });
  }
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(() => true, () => false);
}
