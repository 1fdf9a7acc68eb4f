import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCodexVersion } from '../../supervisor/adapters/codex/codexBinary.ts';
import { createShell, type ShellContext } from '../../supervisor/adapters/shell/createShell.ts';
import { endMasters } from '../../supervisor/adapters/shell/endMasters.ts';
import { ConnectError, type Shell } from '../../supervisor/adapters/shell/shell.ts';
import { nullLogger } from '../../supervisor/base/logger.ts';
import { messageOf } from '../../supervisor/base/errors.ts';
import type { HostConfig } from '../../supervisor/domain/config.ts';
import type { Paths } from '../../supervisor/protocol/paths.ts';
import type { HostView, StatusView } from '../../supervisor/protocol/statusView.ts';
import { tmuxFinding } from './programChecks.ts';
import { failed, ok, warning, type DoctorCheck, type Finding } from './report.ts';

/** How long one host may take, from the first packet to the last. */
const hostTimeoutMs = 9000;

/** Prints the version of tmux, a mark, and the version of codex as a login shell finds it; both may be missing. */
const probeScript = `
tmux -V 2>/dev/null </dev/null
echo '--codex--'
codex --version 2>/dev/null </dev/null || "\${SHELL:-sh}" -lc 'codex --version' 2>/dev/null </dev/null
exit 0
`;

/** What there is of one host: whether it answers, tmux and codex. Through the connection of the running supervisor, else over a short one of its own. */
export async function checkHost(host: HostConfig, status: StatusView | null, paths: Paths, env: NodeJS.ProcessEnv): Promise<DoctorCheck[]> {
  const view = status?.hosts.find(({ alias }) => alias === host.alias) ?? null;
  if (view !== null && (view.state === 'offline' || view.state === 'needs-login')) return [reached(host, awayFinding(view))];
  if (view?.state === 'online') return await probe(host, shellContext(paths.masters, paths.sshAuthSock, env));
  const masters = await mkdtemp(join(tmpdir(), 'ck-'));
  try {
    return await probe(host, shellContext(masters, null, env));
  } finally {
    await endMasters(masters, { ...(env['COCKPIT_SSH'] ? { sshPath: env['COCKPIT_SSH'] } : {}), logger: nullLogger });
    await rm(masters, { recursive: true, force: true });
  }
}

async function probe(host: HostConfig, context: ShellContext): Promise<DoctorCheck[]> {
  const shell = createShell(host, context);
  try {
    const { tmux, codex } = await askVersions(shell, AbortSignal.timeout(hostTimeoutMs));
    return [
      reached(host, ok('reachable')),
      { id: `host:${host.alias}:tmux`, title: `${host.alias}: tmux`, ...remoteTmux(host, tmux) },
      { id: `host:${host.alias}:codex`, title: `${host.alias}: codex`, ...remoteCodex(host, codex) },
    ];
  } catch (error) {
    return [reached(host, unreachable(host, error))];
  } finally {
    shell.dispose();
  }
}

async function askVersions(shell: Shell, signal: AbortSignal): Promise<{ tmux: string; codex: string | null }> {
  await shell.connect(signal);
  const { stdout } = await shell.run(probeScript, { signal });
  const [tmux = '', codex = ''] = stdout.toString('utf8').slice(0, 10_000).split('--codex--');
  return { tmux: tmux.trim(), codex: parseCodexVersion(codex) };
}

function remoteTmux(host: HostConfig, output: string): Finding {
  if (output === '') return failed('not installed', `Install tmux on ${host.alias}.`);
  return tmuxFinding(output, `Update tmux on ${host.alias} to 3.2 or newer; until then changes are seen by asking every 2 s.`);
}

function remoteCodex(host: HostConfig, version: string | null): Finding {
  return version === null ? warning('not found by a login shell', `Install codex on ${host.alias}, or put it on the PATH of a login shell there.`) : ok(version);
}

function unreachable(host: HostConfig, error: unknown): Finding {
  if (error instanceof ConnectError) return explained(host, error.message, error.kind === 'needs-login' || error.kind === 'host-key');
  if (error instanceof Error && error.name === 'TimeoutError') return failed(`no answer within ${hostTimeoutMs / 1000} s`, `Check that \`ssh ${host.sshTarget}\` works, and that its login shell does not hang.`);
  return failed(messageOf(error), `Check that \`ssh ${host.sshTarget}\` works.`);
}

function awayFinding(view: HostView): Finding {
  return explained({ alias: view.alias, sshTarget: view.alias }, view.lastError ?? view.state, view.state === 'needs-login');
}

/** Messages of a link name the host, say what is wrong, and behind a semicolon what to do. */
function explained(host: Pick<HostConfig, 'alias' | 'sshTarget'>, message: string, needsPerson: boolean): Finding {
  const [what = '', ...mend] = message.replace(`${host.alias}: `, '').split('; ');
  const connect = needsPerson ? [`run \`cockpit connect ${host.alias}\` in a terminal`] : [];
  const words = [...mend, ...connect].join('; ') || `check that \`ssh ${host.sshTarget}\` works`;
  return failed(what, `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.?)]$/.test(words) ? '' : '.'}`);
}

function reached(host: HostConfig, finding: Finding): DoctorCheck {
  return { id: `host:${host.alias}`, title: host.alias, ...finding };
}

function shellContext(mastersDir: string, sshAuthSock: string | null, env: NodeJS.ProcessEnv): ShellContext {
  const { COCKPIT_SSH: sshPath, COCKPIT_SSH_CONFIG: sshConfigFile } = env;
  return { mastersDir, sshAuthSock, logger: nullLogger, ...(sshPath ? { sshPath } : {}), ...(sshConfigFile ? { sshConfigFile } : {}) };
}
