import { readFile } from 'node:fs/promises';
import ssh2, { type AnyAuthMethod, type AuthenticationType, type AuthHandlerMiddleware, type BaseAgent, type IdentityCallback, type NextAuthHandler, type ParsedKey } from 'ssh2';
import { readPrivateKeys, type PrivateKey } from './privateKeys.ts';
import { ConnectError } from './shell.ts';
import type { ShellContext } from './shellContext.ts';
import { needsLoginMessage } from './sshFailure.ts';
import { expandPath, type SshSettings } from './sshSettings.ts';

/** Offers the agent's keys, then the key files that need no passphrase; `refused` says why all of that was not enough. */
export type Ssh2Auth = { handler: AuthHandlerMiddleware; refused(name: string): ConnectError };

export async function prepareAuth(settings: SshSettings, context: ShellContext): Promise<Ssh2Auth> {
  const username = settings.first('user') ?? '';
  const keys = await readPrivateKeys(settings);
  const agent = await findAgent(settings, context);
  const methods: AnyAuthMethod[] = [];
  if (agent) methods.push({ type: 'agent', username, agent });
  for (const key of keys) if (key.kind === 'usable') methods.push({ type: 'publickey', username, key: key.key });
  let serverTakes: string[] = [];
  // `left` is null before the first method, although the library's types do not say so
  const handler = (left: AuthenticationType[] | null, _partial: boolean, next: NextAuthHandler) => {
    serverTakes = left ?? serverTakes;
    const method = methods.shift();
    next(method ?? (false as unknown as AnyAuthMethod)); // false is how ssh2 is told to give up; its types lack it
  };
  return { handler, refused: (name) => refusal(name, keys, serverTakes) };
}

function refusal(name: string, keys: PrivateKey[], serverTakes: string[]): ConnectError {
  const encrypted = keys.find((key) => key.kind === 'encrypted');
  if (encrypted) return new ConnectError('needs-login', `${name}: the key ${encrypted.path} needs its passphrase; load it with ssh-add, or use "transport: openssh"`);
  if (serverTakes.some((method) => method === 'keyboard-interactive' || method === 'password')) {
    return new ConnectError('needs-login', `${needsLoginMessage(name, 'it asks for a password or a one-time code')} with "transport: openssh"`);
  }
  const odd = keys.find((key) => key.kind === 'unsupported');
  if (odd) return new ConnectError('auth', `${name}: permission denied; the key ${odd.path} is of a kind that ssh2 does not cover (FIDO, PKCS#11?): use "transport: openssh"`);
  return new ConnectError('auth', `${name}: permission denied (${serverTakes.join(',')}); add your public key there, or name the right User and IdentityFile in ~/.ssh/config`);
}

async function findAgent(settings: SshSettings, context: ShellContext): Promise<BaseAgent | null> {
  const configured = settings.first('identityagent') ?? 'SSH_AUTH_SOCK';
  if (configured === 'none') return null;
  const path = configured === 'SSH_AUTH_SOCK' ? (context.sshAuthSock ?? process.env['SSH_AUTH_SOCK']) : expandAgentPath(configured, settings);
  if (path === undefined || path === null) return null;
  return settings.first('identitiesonly') === 'yes' ? new ChosenKeysAgent(path, await chosenPublicKeys(settings)) : new ssh2.OpenSSHAgent(path);
}

function expandAgentPath(configured: string, settings: SshSettings): string | null | undefined {
  return configured.startsWith('$') ? process.env[configured.replace(/^\$\{?|\}$/g, '')] : expandPath(configured, settings);
}

/** With IdentitiesOnly the agent may use only keys whose file is configured. */
async function chosenPublicKeys(settings: SshSettings): Promise<Buffer[]> {
  const files = settings.all('identityfile').flatMap((line) => expandPath(line, settings) ?? []);
  const blobs = await Promise.all(files.flatMap((file) => [`${file}.pub`, file]).map(readPublicKey));
  return blobs.filter((blob) => blob !== null);
}

async function readPublicKey(path: string): Promise<Buffer | null> {
  const text = await readFile(path).catch(() => null); // a key without its .pub cannot be told apart in the agent
  const parsed = text === null ? null : (ssh2.utils.parseKey(text) as ParsedKey | ParsedKey[] | Error);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  return key === null || key === undefined || key instanceof Error ? null : key.getPublicSSH();
}

class ChosenKeysAgent extends ssh2.OpenSSHAgent {
  readonly #chosen: Buffer[];

  constructor(path: string, chosen: Buffer[]) {
    super(path);
    this.#chosen = chosen;
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    super.getIdentities((error, keys) => {
      callback(error, keys?.filter((key) => 'getPublicSSH' in key && this.#chosen.some((blob) => blob.equals(key.getPublicSSH()))));
    });
  }
}
