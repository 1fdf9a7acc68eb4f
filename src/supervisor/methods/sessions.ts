import { quote } from '../adapters/shell/shell.ts';
import { killSession } from '../adapters/tmux/commands/sessionCommands.ts';
import { toArgv } from '../adapters/tmux/local/tmuxText.ts';
import { takeOverCommand } from '../adapters/tmux/claim.ts';
import { socketArgs } from '../adapters/tmux/tmuxSocket.ts';
import { HumanError } from '../base/errors.ts';
import { findSession } from '../domain/fleet.ts';
import { isSessionId } from '../domain/ids.ts';
import type { HostLink } from '../hosts/hostLink.ts';
import { resolveHost, resolveSession } from '../resolveSession.ts';
import { noted } from '../noted.ts';
import { asHuman } from './asHuman.ts';
import type { MethodContext } from './context.ts';

const ownName = /^[a-z0-9-]{1,40}$/;

/** The open link of a host, or an error that says what to do. */
export function onlineLink(context: MethodContext, alias: string): HostLink {
  const host = resolveHost(context.supervisor.fleet, alias);
  const link = context.hosts.link(alias);
  if (link?.isOnline) return link;
  throw new HumanError('host-offline', `${alias} is ${host.link}${host.error === null ? '' : `: ${host.error}`}. \`cockpit connect ${alias}\` opens the connection in a terminal.`);
}

/** `cockpit new`: a detached session; with a prompt codex runs in it, without one a shell. */
export async function newSession(context: MethodContext, params: { host: string; name: string | null; dir: string | null; prompt: string | null }): Promise<{ id: string; name: string }> {
  const link = onlineLink(context, params.host);
  const name = `cockpit-${params.name ?? unusedName(context, params.host)}`;
  if (!ownName.test(name.slice('cockpit-'.length))) throw new HumanError('bad-name', 'A name has 1 to 40 small letters, digits and dashes.', { exitCode: 2 });
  const program = params.prompt === null ? [] : ['codex', '--', params.prompt];
  const words = toArgv([['new-session', '-d', '-P', '-F', '#{session_id}', '-s', name, ...program]]);
  // Folder and prompt are data, so both go through quoting only; the folder is where tmux is started, because `-c` would be read as a format.
  const dir = params.dir === null ? '' : `unset CDPATH\ncd -- ${quote(params.dir === '-' ? './-' : params.dir)} || exit 66\n`;
  const script = `unset TMUX\n${dir}exec ${quote('tmux', ...socketArgs(link.host.tmuxSocket), ...words)}`;
  // Its id is not known before, so the row has the name that it gets.
  const intent = { key: '', host: params.host, session: name, actor: 'human', tool: 'new', kind: 'command', detail: { name, dir: params.dir, prompt: params.prompt === null ? null : Buffer.from(params.prompt) }, epoch: null };
  const made = await noted(context.store, intent, () => link.run(script), (run) => (run.exitCode === 0 ? null : `exit code ${run.exitCode}`));
  if (made.exitCode === 66) throw new HumanError('no-dir', `${params.host} has no folder ${JSON.stringify(params.dir)} that can be entered.`);
  const id = made.stdout.toString('utf8').trim();
  if (made.exitCode !== 0 || !isSessionId(id)) throw new HumanError('new-failed', `tmux on ${params.host} did not make the session: ${made.stderr.trim() || 'no reason given'}`);
  await link.refresh();
  if (params.prompt !== null && !findSession(context.supervisor.fleet, { alias: params.host, id })) {
    throw new HumanError('new-ended', `${params.host} started codex, but it ended at once: is codex installed there, on the PATH that tmux has? \`cockpit new ${params.host}\` without --prompt gives you a shell to look.`);
  }
  return { id, name };
}

function unusedName(context: MethodContext, alias: string): string {
  const taken = new Set(resolveHost(context.supervisor.fleet, alias).sessions.map(({ observed }) => observed.name));
  let n = 1;
  while (taken.has(`cockpit-${n}`)) n++;
  return String(n);
}

/** `cockpit kill`. */
export async function killRemoteSession(context: MethodContext, text: string): Promise<void> {
  const { ref } = resolveSession(context.supervisor.fleet, text);
  const link = onlineLink(context, ref.alias);
  await asHuman(context, ref, 'kill', 'session ended', () => link.request(killSession(ref.id)));
  await link.refresh();
}

/** `cockpit take-over` (DISC-13): the other cockpit's agent is refused from here on. */
export async function takeOver(context: MethodContext, text: string): Promise<void> {
  const { ref } = resolveSession(context.supervisor.fleet, text);
  const link = onlineLink(context, ref.alias);
  const { mark, server } = await asHuman(context, ref, 'take-over', 'supervision taken over', () => link.request(takeOverCommand(ref.id, context.install, context.supervisorName)));
  context.supervisor.observe({ kind: 'ownership', alias: ref.alias, id: ref.id, mark, server });
}
