import { confirm } from '@inquirer/prompts';
import { withClient } from '../client.ts';
import type { GlobalOptions } from '../context.ts';
import { plain, say, sayJson } from '../io.ts';
import { requireTerminal } from '../runInTerminal.ts';

/** `cockpit adopt HOST` lists every tmux session there; `cockpit adopt HOST/SESSION` takes one over with consent (DISC-11). */
export async function adopt(options: GlobalOptions, target: string, own: { yes?: boolean; json?: boolean }): Promise<void> {
  if (!target.includes('/')) {
    const { sessions } = await withClient(options, (client) => client.request('host/sessions', { host: target }));
    if (own.json) sayJson(sessions);
    else for (const row of sessions) say(plain(`${row.managed ? '*' : ' '} ${row.id}\t${row.name}\t${row.command}`));
    return;
  }
  if (!own.yes) {
    requireTerminal(`cockpit adopt ${target} --yes`);
    const isWanted = await confirm({ message: `Rename ${target} to cockpit-… and run an agent beside it? \`cockpit release\` undoes it.`, default: false });
    if (!isWanted) return;
  }
  const made = await withClient(options, (client) => client.request('session/adopt', { session: target }));
  say(plain(`adopted as ${made.name} (${made.id})`));
}

/** `cockpit release SESSION`: the old name comes back and cockpit leaves the session alone. */
export async function release(options: GlobalOptions, session: string): Promise<void> {
  const { name } = await withClient(options, (client) => client.request('session/release', { session }));
  say(plain(`released as ${name}`));
}

/** `cockpit take-over SESSION`: from the cockpit on another machine to this one (DISC-13). */
export async function takeOver(options: GlobalOptions, session: string): Promise<void> {
  await withClient(options, (client) => client.request('session/takeOver', { session }));
  say(plain(`${session} is supervised from here now`));
}
