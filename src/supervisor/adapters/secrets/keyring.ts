import { execFile } from 'node:child_process';
import { desktopEnv } from '../../base/desktopEnv.ts';

/** The keyring's answer: what is stored (null: nothing of this name), or why there is no keyring to ask. */
export type KeyringAnswer = { kind: 'answered'; value: string | null } | { kind: 'unavailable'; why: string };

/** Whose password: one entry of the keyring per data directory and account. */
export type KeyringName = { dataDir: string; account: string };

/** A keyring that is locked asks the person first. */
const patienceMs = 60_000;
const noTool = 'secret-tool is not installed';

/** The password of an account from the desktop's keyring (Secret Service). */
export function lookUp(name: KeyringName, env: NodeJS.ProcessEnv): Promise<KeyringAnswer> {
  return secretTool(['lookup', ...attributes(name)], '', env);
}

/** Stores a password, in place of an older one. */
export function store(name: KeyringName, password: string, env: NodeJS.ProcessEnv): Promise<KeyringAnswer> {
  return secretTool(['store', `--label=Cockpit: password of ${name.account}`, ...attributes(name)], password, env);
}

/** Takes a password out of the keyring, where it is there. */
export function clear(name: KeyringName, env: NodeJS.ProcessEnv): Promise<KeyringAnswer> {
  return secretTool(['clear', ...attributes(name)], '', env);
}

/** Why there is no keyring, or null where one answers. It is asked for a name that nobody uses, so that a locked one stays locked. */
export async function keyringProblem(env: NodeJS.ProcessEnv): Promise<string | null> {
  const answer = await secretTool(['search', 'application', 'cockpit-probe'], '', env);
  return answer.kind === 'unavailable' ? answer.why : null;
}

function attributes({ dataDir, account }: KeyringName): string[] {
  return ['application', 'cockpit', 'data-dir', dataDir, 'account', account];
}

/** The secret goes through stdin and stdout only. */
function secretTool(args: readonly string[], input: string, env: NodeJS.ProcessEnv): Promise<KeyringAnswer> {
  return new Promise((resolve) => {
    const child = execFile('secret-tool', args, { env: desktopEnv(env), timeout: patienceMs, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      if (error === null) resolve({ kind: 'answered', value: args[0] === 'lookup' ? stdout : null });
      else if (error.code === 'ENOENT') resolve({ kind: 'unavailable', why: noTool });
      else if (error.killed) resolve({ kind: 'unavailable', why: 'the keyring did not answer' });
      // Nothing found is exit code 1 and no word.
      else if (error.code === 1 && stderr.trim() === '') resolve({ kind: 'answered', value: null });
      else resolve({ kind: 'unavailable', why: stderr.trim().split('\n').at(-1)?.replace(/^secret-tool: /, '') ?? 'secret-tool failed' });
    });
    // A tool that ends before it reads (no keyring) says so by its exit.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}
