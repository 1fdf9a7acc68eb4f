import { createHash } from 'node:crypto';
import type { CodexConfigValue } from '../../domain/config.ts';
import { codexHomeOf, type AgentSpec } from './agentSpec.ts';
import type { CodexBinary } from './codexBinary.ts';
import { toTomlValue } from './toml.ts';

/** How to start a program: nothing is inherited, `env` is complete (a terminal adds TERM). */
export type Launch = { argv: string[]; env: Record<string, string>; cwd: string };

/** What an agent gets from the environment of the supervisor; nothing that could be a secret of somebody else. */
const passedOn = ['PATH', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS', 'CODEX_CA_CERTIFICATE'];

/** How the network is reached, maybe with a password in it: for the app-server only. A pane's environment stands in the command line that tmux keeps. */
const proxies = [
  'HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY', 'https_proxy', 'http_proxy', 'all_proxy', 'no_proxy',
];

/** The app-server of one agent: it alone has the session's token, in its environment. */
export function appServerLaunch(binary: CodexBinary, spec: AgentSpec, env: NodeJS.ProcessEnv): Launch {
  const overrides: [string, CodexConfigValue][] = [
    ['mcp_servers.cockpit.url', spec.mcp.url],
    ['mcp_servers.cockpit.bearer_token_env_var', 'COCKPIT_TOKEN'],
    ['mcp_servers.cockpit.default_tools_approval_mode', 'approve'],
    ['mcp_servers.cockpit.required', true],
    ['mcp_servers.cockpit.startup_timeout_sec', 20],
    ['mcp_servers.cockpit.tool_timeout_sec', 900],
    ['shell_environment_policy.exclude', hiddenFromShell(spec)],
  ];
  const options = overrides.flatMap(([key, value]) => ['-c', `${key}=${toTomlValue(value)}`]);
  return {
    argv: [binary.path, 'app-server', '--listen', `unix://${spec.socketPath}`, ...options],
    env: { ...passed(proxies, env), ...agentEnv(spec, env), COCKPIT_TOKEN: spec.mcp.token },
    cwd: spec.workdir,
  };
}

/** The interactive Codex of the agent's pane; it needs no token and follows the app-server's thread. */
export function tuiLaunchOf(binary: CodexBinary, spec: AgentSpec, threadId: string, env: NodeJS.ProcessEnv): Launch {
  return {
    argv: [binary.path, 'resume', threadId, '--remote', `unix://${spec.socketPath}`, '-C', spec.workdir],
    env: agentEnv(spec, env),
    cwd: spec.workdir,
  };
}

/** Changes when anything changes that a running app-server took at its start. Holds no secret: it is a digest. */
export function launchHash(launch: Launch, configText: string, login: Pick<AgentSpec, 'authFile' | 'authRound'>): string {
  return createHash('sha256').update(JSON.stringify([launch.argv, Object.entries(launch.env).sort(), launch.cwd, configText, login.authFile, login.authRound ?? 0])).digest('hex');
}

/** The folder that Codex itself uses for temporary files; it must not hold CODEX_HOME. */
export const temporaryDirOf = (spec: Pick<AgentSpec, 'home'>): string => `${spec.home}/tmp`;

function passed(names: readonly string[], env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const])));
}

/** The part of an environment that any Codex may have. */
export function inheritedEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  return { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', ...passed(passedOn, env) };
}

function agentEnv(spec: AgentSpec, env: NodeJS.ProcessEnv): Record<string, string> {
  return {
    ...inheritedEnv(env),
    ...spec.envAllow,
    HOME: spec.home,
    CODEX_HOME: codexHomeOf(spec),
    TMPDIR: temporaryDirOf(spec),
  };
}

function hiddenFromShell(spec: AgentSpec): string[] {
  const policy = spec.codexConfig['shell_environment_policy'];
  const own = typeof policy === 'object' && !Array.isArray(policy) ? policy['exclude'] : undefined;
  const names = Array.isArray(own) ? own.filter((name) => typeof name === 'string') : [];
  return [...new Set(['COCKPIT_*', ...names])];
}
