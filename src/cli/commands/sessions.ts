import { confirm } from '@inquirer/prompts';
import { withClient } from '../client.ts';
import type { GlobalOptions } from '../context.ts';
import { plain, say } from '../io.ts';
import { requireTerminal } from '../runInTerminal.ts';

/** `cockpit new HOST`: a detached `cockpit-…` session, with codex in it when a prompt is given. */
export async function newSession(options: GlobalOptions, host: string, own: { name?: string; dir?: string; prompt?: string }): Promise<void> {
  const made = await withClient(options, (client) => client.request('session/new', { host, name: own.name ?? null, dir: own.dir ?? null, prompt: own.prompt ?? null }));
  say(plain(`made ${host}/${made.name} (${made.id})`));
}

/** `cockpit kill SESSION`: ends the remote session after asking. */
export async function kill(options: GlobalOptions, session: string, isSure: boolean): Promise<void> {
  if (!isSure) {
    requireTerminal(`cockpit kill ${session} --yes`);
    if (!(await confirm({ message: `End the remote session ${session} and what runs in it?`, default: false }))) return;
  }
  await withClient(options, (client) => client.request('session/kill', { session }));
  say(plain(`ended ${session}`));
}
