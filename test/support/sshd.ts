import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { descendantsOf, pidsWithEnv } from './processTree.ts';
import { until } from './until.ts';

/** What a test may change about its ssh server. */
export type SshdOptions = {
  /** Client aliases that reach the server as it should be; default `['box']`. */
  aliases?: string[];
  /** `.bashrc` and `.profile` of the remote home: what a noisy or slow login shell would print or do. */
  loginScript?: string;
  /** Further lines of `sshd_config`, e.g. `MaxSessions 2` or `ForceCommand …`. */
  serverLines?: string[];
  /** Further environment of every remote process (sshd `SetEnv`). */
  env?: Record<string, string>;
};

/** A real sshd on loopback with throwaway keys. Its home is a temp folder, and the default tmux socket of remote commands is in it. */
export type SshdFixture = {
  readonly dir: string;
  readonly port: number;
  readonly pid: number;
  readonly user: string;
  /** For `ssh -F`. */
  readonly configFile: string;
  readonly knownHosts: string;
  /** Private key that the server accepts; the public one is beside it as `.pub`. */
  readonly userKey: string;
  readonly hostKey: string;
  /** Remote $HOME. */
  readonly home: string;
  /** `TMUX_TMPDIR` of remote commands. */
  readonly tmuxTmpDir: string;
  /** Adds a client alias; `lines` replace the usual ones (`Port`, `IdentityFile`, `UserKnownHostsFile`, …) or come on top. */
  addAlias(alias: string, lines?: Record<string, string | number>): void;
  /** Makes a key pair of ed25519 in the temp folder and returns the private one's path. */
  makeKey(name: string, passphrase?: string): string;
  /** Lets the server accept a key that `makeKey` made. */
  authorize(key: string): void;
  log(): string;
  /** Successful logins so far. */
  logins(): number;
  /** Command lines of everything that runs below sshd. */
  commandLines(): string[];
  /** SIGKILLs the processes that serve connections; the listener goes on. */
  killConnections(): void;
  /** Ends the server and everything that it ever started, remote tmux servers too. */
  stop(): Promise<void>;
};

const sshdPath = '/usr/sbin/sshd';

/** Starts the server; ready when it answers. End it with `stop`. */
export async function startSshd(options: SshdOptions = {}): Promise<SshdFixture> {
  const dir = await mkdtemp(join(tmpdir(), 'ck-sshd-'));
  try {
    return await startIn(dir, options);
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}

async function startIn(dir: string, options: SshdOptions): Promise<SshdFixture> {
  if (userInfo().uid === 0 && !existsSync('/run/sshd')) mkdirSync('/run/sshd', { mode: 0o755 });
  const at = (name: string) => join(dir, name);
  const makeKey = (name: string, passphrase = '') => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', name, '-f', at(name)]);
    return at(name);
  };
  const [home, tmuxTmpDir, user] = [at('home'), at('tmux'), userInfo().username];
  mkdirSync(home);
  mkdirSync(tmuxTmpDir, { mode: 0o700 });
  for (const name of ['.bashrc', '.profile']) writeFileSync(join(home, name), options.loginScript ?? '');
  const [hostKey, userKey] = [makeKey('host_key'), makeKey('user_key')];
  writeFileSync(at('authorized_keys'), readFileSync(`${userKey}.pub`));
  const port = await freePort();
  const env = { HOME: home, TMUX_TMPDIR: tmuxTmpDir, ...options.env };
  writeFileSync(at('sshd_config'), serverConfig(at, port, env, options.serverLines ?? []));
  writeFileSync(at('known_hosts'), `[127.0.0.1]:${port} ${readFileSync(`${hostKey}.pub`, 'utf8')}`);

  const child = spawn(sshdPath, ['-D', '-f', at('sshd_config'), '-E', at('sshd.log')], { stdio: 'ignore' });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const log = () => (existsSync(at('sshd.log')) ? readFileSync(at('sshd.log'), 'utf8') : '');
  const { pid } = child;
  if (pid === undefined) throw new Error(`${sshdPath} did not start; is openssh-server installed?`);
  const addAlias = (alias: string, lines: Record<string, string | number> = {}) => {
    const usual = { HostName: '127.0.0.1', Port: port, User: user, IdentityFile: userKey, IdentitiesOnly: 'yes', IdentityAgent: 'none', UserKnownHostsFile: at('known_hosts'), GlobalKnownHostsFile: '/dev/null', UpdateHostKeys: 'no' };
    const block = Object.entries({ ...usual, ...lines }).map(([key, value]) => `  ${key} ${value}\n`);
    appendFileSync(at('ssh_config'), `Host ${alias}\n${block.join('')}`);
  };
  for (const alias of options.aliases ?? ['box']) addAlias(alias);
  const killAll = (pids: number[]) => {
    for (const victim of pids) kill(victim);
  };
  await until(() => answers(port), { what: `sshd answers on ${port}: ${log()}` });
  return {
    dir, port, pid, user, home, tmuxTmpDir, userKey, hostKey, addAlias, makeKey, log,
    configFile: at('ssh_config'),
    authorize: (key) => appendFileSync(at('authorized_keys'), readFileSync(`${key}.pub`)),
    knownHosts: at('known_hosts'),
    logins: () => log().split('Accepted publickey').length - 1,
    commandLines: () => descendantsOf(pid).map((p) => p.commandLine),
    killConnections: () => killAll(descendantsOf(pid).filter((p) => p.commandLine.startsWith('sshd:')).map((p) => p.pid)),
    async stop() {
      const below = descendantsOf(pid).map((p) => p.pid);
      kill(pid);
      killAll(below);
      killAll(pidsWithEnv('HOME', home)); // what outlived its connection: tmux servers, orphans
      await exited;
      await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function serverConfig(at: (name: string) => string, port: number, env: Record<string, string>, lines: string[]): string {
  const setEnv = Object.entries(env).map(([key, value]) => `"${key}=${value}"`).join(' ');
  return [
    ...lines,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${at('host_key')}`,
    `AuthorizedKeysFile ${at('authorized_keys')}`,
    `PidFile ${at('sshd.pid')}`,
    'StrictModes no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'UsePAM no',
    'PrintMotd no',
    'MaxStartups 100',
    'LogLevel VERBOSE',
    `SetEnv ${setEnv}`,
    '',
  ].join('\n');
}

/** A loopback port on which nothing listens (yet). */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  }).then((up) => up === true);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended by itself between the look and the signal
  }
}
