import { quote } from '../adapters/shell/shell.ts';
import { listSessionsScript, parseListing } from '../adapters/tmux/commands/listSessions.ts';
import { withoutAnyKey } from '../adapters/tmux/anyKey.ts';
import { toArgv } from '../adapters/tmux/local/tmuxText.ts';
import { unescapeName } from '../adapters/tmux/sessionName.ts';
import { socketArgs } from '../adapters/tmux/tmuxSocket.ts';
import { HumanError } from '../base/errors.ts';
import type { SessionId, SessionRef } from '../domain/ids.ts';
import type { ObservedSession } from '../domain/remoteSession.ts';
import type { HostLink } from '../hosts/hostLink.ts';
import { resolveHost, resolveSession } from '../resolveSession.ts';
import type { MethodContext } from './context.ts';
import { asHuman } from './asHuman.ts';
import { onlineLink } from './sessions.ts';

const prefix = 'cockpit-';
const oldName = '@cockpit_old_name';
const nextName = '@cockpit_next_name';

/** Every tmux session of a host, managed or not. */
export async function allSessionsOf(context: MethodContext, alias: string): Promise<ObservedSession[]> {
  const link = onlineLink(context, alias);
  const reply = parseListing((await link.run(listSessionsScript(link.host.tmuxSocket))).stdout);
  return reply.kind === 'sessions' ? reply.listing.sessions : [];
}

/** `cockpit adopt`: renames a session to `cockpit-…` and keeps the old name in an option of the session (DISC-11). */
export async function adopt(context: MethodContext, text: string): Promise<{ id: string; name: string }> {
  const slash = text.indexOf('/');
  if (slash <= 0) throw new HumanError('bad-session', `${JSON.stringify(text)} is not a session: write HOST/NAME or HOST/$ID; \`cockpit adopt HOST\` lists them.`, { exitCode: 2 });
  const alias = text.slice(0, slash);
  resolveHost(context.supervisor.fleet, alias);
  const sessions = await allSessionsOf(context, alias);
  const wanted = text.slice(slash + 1);
  const found = sessions.find((row) => row.id === wanted) ?? sessions.find((row) => row.name === wanted);
  if (!found) throw new HumanError('unknown-session', `${alias} has no tmux session ${JSON.stringify(wanted)}. It has: ${sessions.map((row) => row.name).join(', ') || 'none'}.`);
  if (found.name.startsWith(prefix)) return { id: found.id, name: found.name };
  const name = freeName(found.name, sessions);
  const link = onlineLink(context, alias);
  // tmux itself copies the old name: no text of the remote ever is part of a command.
  await runTmux(context, link, { alias, id: found.id }, 'adopt', [['set-option', '-F', '-t', found.id, oldName, '#{session_name}'], ['rename-session', '-t', found.id, name]]);
  return { id: found.id, name };
}

/** `cockpit release`: the old name comes back, the options of cockpit go. */
export async function release(context: MethodContext, text: string): Promise<{ name: string }> {
  const { ref } = resolveSession(context.supervisor.fleet, text);
  const link = onlineLink(context, ref.alias);
  const shown = await link.run(`exec ${tmux(link, ['-u', 'display-message', '-p', '-t', `${ref.id}:`, '#{@cockpit_old_name}'])}`);
  const name = shown.stdout.toString('utf8').replace(/\n$/, '');
  if (name === '') throw new HumanError('not-adopted', `${text} was not adopted, so there is no old name to give back. To hand it over, rename it with tmux to a name without ${prefix}.`);
  const unset = ['@cockpit_owner', '@cockpit_epoch', '@cockpit_supervisor', oldName, nextName].map((option) => ['set-option', '-u', '-t', ref.id, option]);
  // The name is data and stays in an option; tmux escapes what it is renamed to, so it is given the text from before its escapes.
  const back = [['set-option', '-t', ref.id, nextName, unescapeName(name)], ['rename-session', '-t', ref.id, `#{${nextName}}`]];
  await runTmux(context, link, ref, 'release', [...back, ...unset, ...withoutAnyKey(ref.id)]);
  return { name };
}

async function runTmux(context: MethodContext, link: HostLink, ref: SessionRef, tool: string, commands: string[][]): Promise<void> {
  await asHuman(context, ref, tool, commands.map((words) => words.join(' ')).join('; '), async () => {
    const done = await link.run(`unset TMUX\nexec ${tmux(link, ['-u', ...toArgv(commands)])}`);
    if (done.exitCode !== 0) throw new HumanError('tmux-refused', `tmux on ${ref.alias} refused: ${done.stderr.trim()}`);
  });
  await link.refresh();
}

const tmux = (link: HostLink, words: string[]): string => quote('tmux', ...socketArgs(link.host.tmuxSocket), ...words);

/** A managed name made of what is harmless in the old one, and a number where that is taken. */
function freeName(old: string, sessions: { id: SessionId; name: string }[]): string {
  const slug = old.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 30) || 'session';
  const taken = new Set(sessions.map((row) => row.name));
  for (let n = 1; ; n++) {
    const name = `${prefix}${slug}${n === 1 ? '' : `-${n}`}`;
    if (!taken.has(name)) return name;
  }
}
