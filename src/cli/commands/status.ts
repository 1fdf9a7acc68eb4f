import { readFile } from 'node:fs/promises';
import { codeOf, HumanError } from '../../supervisor/base/errors.ts';
import type { Paths } from '../../supervisor/protocol/paths.ts';
import { accountStateWords, limitWords, rotationWords } from '../../supervisor/protocol/accountWords.ts';
import { statusView, type HostView, type SessionView, type StatusView } from '../../supervisor/protocol/statusView.ts';
import { version } from '../../supervisor/protocol/version.ts';
import { withClient } from '../client.ts';
import { pathsFor, type GlobalOptions } from '../context.ts';
import { plain, say, sayJson } from '../io.ts';

/** `cockpit status`: from the supervisor, or what was last known where none runs. */
export async function status(options: GlobalOptions, own: { json?: boolean }): Promise<void> {
  const view = await readStatus(options);
  if (own.json) sayJson(view);
  else say(plain(formatStatus(view)));
}

/** The status, asked from the supervisor or read from what the last one left. */
export async function readStatus(options: GlobalOptions): Promise<StatusView> {
  try {
    return await withClient(options, (client) => client.request('status', {}));
  } catch (error) {
    if (error instanceof HumanError && error.exitCode === 3) return lastStatus(pathsFor(options));
    throw error;
  }
}

async function lastStatus(paths: Paths): Promise<StatusView> {
  const gone = { running: false, pid: null, owner: null, since: null, notices: [] };
  try {
    const last = statusView.parse(JSON.parse(await readFile(paths.lastStatus, 'utf8')));
    return { ...last, version, supervisor: gone, hosts: last.hosts.map((host) => ({ ...host, state: 'offline' as const })) };
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) throw new HumanError('bad-last-status', `${paths.lastStatus} cannot be read. Remove it; \`cockpit up\` writes it anew.`, { cause: error });
    return { version, dataDir: paths.dataDir, supervisor: gone, selected: { host: null, session: null, focus: 'agent' }, accounts: [], hosts: [] };
  }
}

/** The status as lines for a person. */
export function formatStatus(view: StatusView): string {
  const { supervisor, selected } = view;
  const head = supervisor.running ? `supervisor ${String(supervisor.pid)} (${supervisor.owner ?? '?'}) in ${view.dataDir}` : `no supervisor runs for ${view.dataDir}; last known:`;
  const notices = supervisor.notices.map((notice) => `! ${notice}`);
  const where = selected.host === null ? [] : [`selected ${selected.host}${selected.session === null ? '' : `/${selected.session}`}, focus ${selected.focus}`];
  return [head, ...notices, ...where, ...view.hosts.flatMap(hostLines), ...accountLines(view)].join('\n');
}

function accountLines({ accounts }: StatusView): string[] {
  if (accounts.length === 0) return [];
  return ['accounts:', ...accounts.map((account) => [`    ${account.key}  ${account.email}  ${accountStateWords(account)}`, ...account.limits.map(limitWords), ...account.installedAt.map((alias) => `installed at ${alias}`)].join('  '))];
}

function hostLines(host: HostView): string[] {
  const facts = host.facts === null ? '' : `  ${host.facts.hostname}, ${host.facts.cpus} CPUs, ${Math.round(host.facts.ramBytes / 2 ** 30)} GiB${host.facts.gpus.length === 0 ? '' : `, ${host.facts.gpus.join(', ')}`}`;
  const error = host.lastError === null ? [] : [`    ${host.lastError}`];
  return [`${host.alias}: ${host.state}  ${host.wake ? 'Wake remote' : 'Wake off'}${host.tmux === null ? '' : `  tmux ${host.tmux}`}${facts}`, ...error, ...host.sessions.map(sessionLine)];
}

/** OWN-10: a claim that nobody used for 15 minutes. */
function forgotten({ claimIdleMs }: SessionView): string {
  const minutes = Math.floor((claimIdleMs ?? 0) / 60_000);
  return minutes < 15 ? '' : ` (no key for ${minutes} min; \`cockpit ctl toggle-focus\` gives it back)`;
}

function sessionLine(session: SessionView): string {
  const owner = session.supervisedBy === null ? `${session.owner} owns${forgotten(session)}` : `supervised by ${session.supervisedBy}`;
  const rotation = rotationWords(session);
  const account = session.account === null ? '' : `  account ${session.account}`;
  const remote = session.remoteAccount === null ? '' : `  remote account ${session.remoteAccount}`;
  const error = session.agent.error === null ? '' : ` (${session.agent.error})`;
  return `    ${session.id}  ${session.name}  ${session.state}  ${owner}  epoch ${session.epoch ?? '-'}  agent ${session.agent.state}${error}${account}${remote}${rotation === '' ? '' : `  ${rotation}`}`;
}
