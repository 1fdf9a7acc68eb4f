import { delay } from '../../supervisor/base/clock.ts';
import { HumanError, messageOf } from '../../supervisor/base/errors.ts';
import { api } from '../../supervisor/protocol/api.ts';
import { connect } from '../../supervisor/protocol/client.ts';
import type { Paths } from '../../supervisor/protocol/paths.ts';
import type { StatusView } from '../../supervisor/protocol/statusView.ts';
import { version } from '../../supervisor/protocol/version.ts';
import { checkAccounts, checkPasswords } from './accountChecks.ts';
import { checkCodex, checkLogin, checkModels, findCodex } from './codexChecks.ts';
import { checkConfig, checkDataDir, checkPermissions } from './dataChecks.ts';
import { checkHost } from './hostChecks.ts';
import { checkBrowser, checkNative, checkNode, checkSsh, checkTmux } from './programChecks.ts';
import { failed, ok, warning, type DoctorCheck, type DoctorReport, type Finding } from './report.ts';

/** A check that takes longer is reported as failed; a host has less for itself. */
const checkTimeoutMs = 11_000;
const supervisorTimeoutMs = 1500;

/** Makes every check side by side; takes 12 s at most, whatever hangs. */
export async function examine(paths: Paths, env: NodeJS.ProcessEnv): Promise<DoctorReport> {
  const local = (id: string, title: string, finding: Promise<Finding>): Promise<DoctorCheck[]> => inTime(id, title, finding.then((found) => [{ id, title, ...found }]));
  const configured = checkConfig(paths);
  const codex = configured.then(({ config }) => findCodex(config, env));
  const asked = askSupervisor(paths);
  const hosts = Promise.all([configured, asked]).then(([{ config }, { status }]) =>
    Promise.all((config?.hosts ?? []).map((host) => inTime(`host:${host.alias}`, host.alias, checkHost(host, status, paths, env)))),
  );
  const groups = await Promise.all([
    local('node', 'node', Promise.resolve(checkNode())),
    local('tmux', 'tmux', checkTmux()),
    local('ssh', 'ssh', checkSsh(env)),
    local('codex', 'codex', codex.then(checkCodex)),
    local('codex-login', 'codex login', Promise.all([codex, configured]).then(([found, { config }]) => checkLogin(found, config, env))),
    local('models', 'models', Promise.all([codex, configured]).then(([found, { config }]) => checkModels(found, config, env))),
    local('browser', 'browser', checkBrowser(env)),
    local('passwords', 'passwords', configured.then(({ config }) => checkPasswords(config, paths, env))),
    local('config', 'config', configured.then(({ finding }) => finding)),
    local('permissions', 'permissions', checkPermissions(paths)),
    local('data-dir', 'data directory', checkDataDir(paths)),
    local('native', 'native module', checkNative()),
    local('supervisor', 'supervisor', asked.then(({ finding }) => finding)),
    configured.then(({ config }) => inTime('accounts', 'accounts', checkAccounts(config, paths))),
    hosts.then((checks) => checks.flat()),
  ]);
  const checks = groups.flat();
  return { version, dataDir: paths.dataDir, ok: checks.every(({ status }) => status !== 'failed'), checks };
}

/** The check's own result, or a failed one when it throws or takes too long. */
async function inTime(id: string, title: string, work: Promise<DoctorCheck[]>): Promise<DoctorCheck[]> {
  const ending = new AbortController();
  const late = delay(checkTimeoutMs, ending.signal).then(
    () => [{ id, title, ...failed(`no result within ${checkTimeoutMs / 1000} s`, 'Something hangs: try again, and look at the load and the disks of this machine.') }],
    () => [],
  );
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    return [{ id, title, ...failed(messageOf(error), 'This check broke: look at the message, and try again.') }];
  } finally {
    ending.abort(new Error('checked'));
  }
}

async function askSupervisor(paths: Paths): Promise<{ status: StatusView | null; finding: Finding }> {
  try {
    const client = await connect(paths, api, 'doctor', { helloTimeoutMs: supervisorTimeoutMs });
    try {
      const status = await client.request('status', {}, { signal: AbortSignal.timeout(supervisorTimeoutMs) });
      const { notices, pid } = status.supervisor;
      return { status, finding: notices.length === 0 ? ok(`runs (pid ${client.supervisor.pid})`) : warning(notices.join('\n'), `See the log of the supervisor (pid ${String(pid)}): ${paths.log}`) };
    } finally {
      client.dispose();
    }
  } catch (error) {
    if (error instanceof HumanError && error.exitCode === 3) return { status: null, finding: ok('does not run; `cockpit up` starts it') };
    return { status: null, finding: warning(messageOf(error), `See ${paths.log}, or run \`cockpit down\` and \`cockpit up\`.`) };
  }
}
