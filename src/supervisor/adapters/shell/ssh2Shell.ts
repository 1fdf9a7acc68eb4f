import ssh2, { type Client, type ConnectConfig } from 'ssh2';
import type { HostConfig } from '../../domain/config.ts';
import { codeOf, messageOf } from '../../base/errors.ts';
import { abortable } from './abortable.ts';
import type { Dialer } from './link.ts';
import { LinkedShell } from './linkedShell.ts';
import { aliveCountMax, aliveIntervalMs, plainViewerArgv } from './opensshArgv.ts';
import { ConnectError, type Shell } from './shell.ts';
import type { ShellContext } from './shellContext.ts';
import { prepareAuth, type Ssh2Auth } from './ssh2Auth.ts';
import { hostKeyError, readHostKeyJudge } from './ssh2HostKey.ts';
import { ssh2Link } from './ssh2Link.ts';
import { classifySshFailure } from './sshFailure.ts';
import { readSshSettings, type SshSettings } from './sshSettings.ts';
import type { HostKeyVerdict } from './knownHosts.ts';

const readyTimeoutMs = 10_000;

/** A host over the ssh2 library (`transport: ssh2`). It covers plain hosts with keys or an agent, and says so of all else. */
export function createSsh2Shell(host: HostConfig, context: ShellContext): Shell {
  return new LinkedShell(ssh2Dialer(host, context), context.logger);
}

function ssh2Dialer(host: HostConfig, context: ShellContext): Dialer {
  return {
    name: host.alias,
    prelude: 'unset SSH_AUTH_SOCK\n',
    slots: () => 10,
    attachArgv: (command) => plainViewerArgv(host, context, command),
    async dial(_index, signal) {
      const settings = await readSshSettings(host, context);
      refuseUncovered(host.alias, settings);
      return ssh2Link(host.alias, await login(host.alias, settings, context, signal));
    },
  };
}

/** Keywords that change how ssh connects or whom it trusts, and that ssh2 would not honour. */
const uncovered = ['proxyjump', 'proxycommand', 'certificatefile', 'pkcs11provider', 'knownhostscommand', 'revokedhostkeys'];

function refuseUncovered(name: string, settings: SshSettings): void {
  for (const keyword of uncovered) {
    const value = settings.first(keyword);
    if (value === undefined || value === 'none') continue;
    throw new ConnectError('failed', `${name}: its ssh configuration has ${keyword}, which ssh2 does not cover; use "transport: openssh"`);
  }
}

async function login(name: string, settings: SshSettings, context: ShellContext, signal: AbortSignal): Promise<Client> {
  const [hostKeys, auth] = [await readHostKeyJudge(settings), await prepareAuth(settings, context)];
  signal.throwIfAborted();
  const client = new ssh2.Client();
  const hostKey: { refusedAs: Exclude<HostKeyVerdict, 'known'> | null } = { refusedAs: null };
  const config: ConnectConfig = {
    ...addressOf(settings),
    username: settings.first('user') ?? '',
    readyTimeout: readyTimeoutMs,
    keepaliveInterval: aliveIntervalMs,
    keepaliveCountMax: aliveCountMax,
    authHandler: auth.handler,
    hostVerifier: (key: Buffer) => {
      const verdict = hostKeys.judge(key);
      if (verdict !== 'known') hostKey.refusedAs = verdict;
      return verdict === 'known';
    },
    ...(hostKeys.algorithms ? { algorithms: { serverHostKey: hostKeys.algorithms } } : {}),
  };
  try {
    await ready(client, config, signal);
  } catch (error) {
    client.destroy();
    signal.throwIfAborted();
    throw hostKey.refusedAs ? hostKeyError(name, hostKey.refusedAs) : loginError(name, error, auth);
  }
  client.setNoDelay(true); // a channel's round trip has Nagle's 40 ms otherwise
  return client;
}

function ready(client: Client, config: ConnectConfig, signal: AbortSignal): Promise<void> {
  const settled = new Promise<void>((resolve, reject) => {
    const onError = (error: Error & { level?: string }) => {
      if (error.level !== 'agent') reject(error); // without an agent the key files are next
    };
    client.on('error', onError);
    client.once('close', () => {
      reject(new Error('Connection closed'));
    });
    client.once('ready', () => {
      client.off('error', onError);
      resolve();
    });
    client.connect(config);
  });
  return abortable(settled, signal);
}

function addressOf(settings: SshSettings): ConnectConfig {
  const family = settings.first('addressfamily');
  const bind = settings.first('bindaddress');
  return {
    host: settings.first('hostname') ?? '',
    port: Number(settings.first('port') ?? 22),
    ...(family === 'inet' ? { forceIPv4: true } : {}),
    ...(family === 'inet6' ? { forceIPv6: true } : {}),
    ...(bind === undefined ? {} : { localAddress: bind }),
  };
}

/** The library's errors in ssh's words, so that both transports say the same. */
function loginError(name: string, error: unknown, auth: Ssh2Auth): ConnectError {
  const level = typeof error === 'object' && error !== null && 'level' in error ? error.level : undefined;
  if (level === 'client-authentication') return auth.refused(name);
  const message = messageOf(error);
  if (/no matching host key/.test(message)) return hostKeyError(name, 'changed');
  const failure = classifySshFailure(name, sshWords(codeOf(error), message), null);
  return new ConnectError(failure.kind, failure.message, { cause: error });
}

function sshWords(code: string | undefined, message: string): string {
  switch (code) {
    case 'ENOTFOUND':
      return `Could not resolve hostname ${/\S+$/.exec(message)?.[0] ?? ''}: Name or service not known`;
    case 'EAI_AGAIN':
      return `Could not resolve hostname ${/\S+$/.exec(message)?.[0] ?? ''}: ${message}`;
    case 'ECONNREFUSED':
      return 'Connection refused';
    case 'ETIMEDOUT':
      return 'timed out';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'No route to host';
    case 'ECONNRESET':
      return 'Connection reset';
    default:
      return /Timed out/.test(message) ? 'timed out' : message;
  }
}
