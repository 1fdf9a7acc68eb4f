import { createHash } from 'node:crypto';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** Longest socket path that is used as it is (CONF-1); ssh and tmux append to it, and the kernel's limit is 107 bytes. */
const maxSocketPathBytes = 80;

/** Where everything of one cockpit lives. `runtime` holds sockets only and equals `dataDir` unless the paths would be too long. */
export type Paths = {
  dataDir: string;
  config: string;
  /** The operator's own signs of states (STATE-3). */
  markers: string;
  secrets: string;
  stateDb: string;
  leaderDb: string;
  /** Lock of the one standby process. */
  standbyDb: string;
  log: string;
  /** The last status that a supervisor wrote, for `cockpit status` without one. */
  lastStatus: string;
  runtime: string;
  /** The supervisor's client socket. */
  socket: string;
  /** Keys of the outer tmux write command lines here. */
  keyFifo: string;
  viewerTmux: string;
  agentTmux: string;
  outerTmux: string;
  /** Stable link to the operator's SSH_AUTH_SOCK (DISC-8). */
  sshAuthSock: string;
  /** Folder of ssh ControlPath sockets. */
  masters: string;
  /** Folder of app-server sockets. */
  agentSockets: string;
  agents: string;
  homes: string;
  /** Homes of the accounts: `accounts/KEY/` is a CODEX_HOME with the account's `auth.json` (ACCT-1). */
  accounts: string;
  /** Browser profiles of the accounts, and pictures of logins that stopped. */
  login: string;
  backups: string;
};

/** The data directory by CONF-1: `--data-dir`, then COCKPIT_DATA_DIR, then $XDG_DATA_HOME/cockpit, then ~/.local/share/cockpit. */
export function defaultDataDir(env: NodeJS.ProcessEnv, flag?: string): string {
  if (flag !== undefined) return flag;
  if (env['COCKPIT_DATA_DIR']) return env['COCKPIT_DATA_DIR'];
  return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'cockpit');
}

/** All paths of a data directory (absolute path). Makes nothing. */
export function pathsOf(dataDir: string, env: NodeJS.ProcessEnv = process.env): Paths {
  const runtime = Buffer.byteLength(join(dataDir, 'run', 'outer.tmux')) <= maxSocketPathBytes ? join(dataDir, 'run') : shortRuntimeDir(dataDir, env);
  return {
    dataDir,
    config: join(dataDir, 'config.yaml'),
    markers: join(dataDir, 'markers.yaml'),
    secrets: join(dataDir, 'secrets.yaml'),
    stateDb: join(dataDir, 'state.db'),
    leaderDb: join(dataDir, 'leader.db'),
    standbyDb: join(dataDir, 'standby.db'),
    log: join(dataDir, 'supervisor.log'),
    lastStatus: join(dataDir, 'last-status.json'),
    runtime,
    socket: join(runtime, 'sock'),
    keyFifo: join(runtime, 'keys'),
    viewerTmux: join(runtime, 'viewer.tmux'),
    agentTmux: join(runtime, 'agent.tmux'),
    outerTmux: join(runtime, 'outer.tmux'),
    sshAuthSock: join(runtime, 'auth'),
    masters: join(runtime, 'm'),
    agentSockets: join(runtime, 'a'),
    agents: join(dataDir, 'agents'),
    homes: join(dataDir, 'homes'),
    accounts: join(dataDir, 'accounts'),
    login: join(dataDir, 'login'),
    backups: join(dataDir, 'backups'),
  };
}

function shortRuntimeDir(dataDir: string, env: NodeJS.ProcessEnv): string {
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const base = env['XDG_RUNTIME_DIR'] || join(tmpdir(), `cockpit-${userInfo().uid}`);
  return join(base, `ck-${hash}`);
}
