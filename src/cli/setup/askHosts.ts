import { checkbox, input, select } from '@inquirer/prompts';
import { problemOf } from '../configEdit.ts';
import { withHost, withoutHost, type Draft } from './draft.ts';

type Choice = { kind: 'host'; alias: string } | { kind: 'pick' | 'add' | 'done' };

/** The hosts loop of setup: add from the aliases of ssh or by name, edit, remove, until the person is done. */
export async function askHosts(before: Draft, sshAliases: readonly string[], signal: AbortSignal): Promise<Draft> {
  let draft = before;
  for (;;) {
    const left = sshAliases.filter((alias) => !draft.hosts.some((host) => host.alias === alias));
    const chosen = await select<Choice>({ message: 'Hosts', choices: choicesOf(draft, left), default: firstChoice(draft, left), loop: false, pageSize: 15 }, { signal });
    switch (chosen.kind) {
      case 'done':
        return draft;
      case 'pick':
        for (const alias of await checkbox({ message: 'Which of them?', choices: left.map((alias) => ({ name: alias, value: alias })), loop: false, pageSize: 15 }, { signal })) draft = withHost(draft, alias, alias);
        break;
      case 'add':
        draft = await addHost(draft, signal);
        break;
      case 'host':
        draft = await editHost(draft, chosen.alias, signal);
        break;
    }
  }
}

/** Compared by identity by the prompt, so that the default is one of the choices. */
const pick: Choice = { kind: 'pick' };
const add: Choice = { kind: 'add' };
const done: Choice = { kind: 'done' };

function choicesOf(draft: Draft, left: readonly string[]) {
  return [
    ...draft.hosts.map(({ alias, sshTarget }) => ({ name: `${alias}${sshTarget === alias ? '' : ` (ssh ${sshTarget})`}  edit or remove`, value: { kind: 'host', alias } satisfies Choice })),
    ...(left.length === 0 ? [] : [{ name: `Add from your ssh configuration (${left.length})`, value: pick }]),
    { name: 'Add a host by name', value: add },
    { name: 'Done', value: done },
  ];
}

function firstChoice(draft: Draft, left: readonly string[]): Choice {
  if (draft.hosts.length > 0) return done;
  return left.length > 0 ? pick : add;
}

async function addHost(draft: Draft, signal: AbortSignal): Promise<Draft> {
  const isNew = (alias: string) => (draft.hosts.some((host) => host.alias === alias) ? 'There is a host of this name already.' : (problemOf({ host: { alias } }) ?? true));
  const alias = await input({ message: 'Name of the host (what you type after ssh)', validate: isNew }, { signal });
  return withHost(draft, alias, await askTarget(alias, alias, signal));
}

async function editHost(draft: Draft, alias: string, signal: AbortSignal): Promise<Draft> {
  const host = draft.hosts.find((row) => row.alias === alias);
  const what = await select({ message: alias, choices: [{ name: 'Edit what ssh is called with', value: 'edit' }, { name: 'Remove it from cockpit', value: 'remove' }, { name: 'Back', value: 'back' }] }, { signal });
  if (what === 'remove') return withoutHost(draft, alias);
  return what === 'edit' ? withHost(draft, alias, await askTarget(alias, host?.sshTarget ?? alias, signal)) : draft;
}

async function askTarget(alias: string, old: string, signal: AbortSignal): Promise<string> {
  return await input({ message: 'ssh is called with', default: old, validate: (target) => problemOf({ host: { alias, ssh_target: target } }) ?? true }, { signal });
}
