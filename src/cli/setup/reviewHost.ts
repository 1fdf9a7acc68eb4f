import { checkbox, confirm, select } from '@inquirer/prompts';
import type { HostView } from '../../supervisor/protocol/statusView.ts';
import { HumanError } from '../../supervisor/base/errors.ts';
import type { CockpitClient } from '../client.ts';
import type { ConfigChange, HostConfig } from '../configEdit.ts';
import { plain, say } from '../io.ts';
import { runInTerminal } from '../runInTerminal.ts';
import { settledHosts } from './settledHosts.ts';

/** What the review of one host needs. `agentModel` is the model of the agents. */
export type ReviewContext = { client: CockpitClient; agentModel: string; signal: AbortSignal };

/** Shows what runs on a host and what cockpit runs beside it, adopts sessions with consent (DISC-11), and asks for the host's settings; returns what to write. */
export async function reviewHost(context: ReviewContext, host: HostConfig, found: HostView): Promise<ConfigChange[]> {
  const view = found.state === 'needs-login' ? await offerLogin(context, found) : found;
  say('');
  say(plain(headline(view)));
  if (view.state === 'online') await reviewSessions(context, host.alias);
  return await askSettings(host, context.signal);
}

async function offerLogin({ client, signal }: ReviewContext, view: HostView): Promise<HostView> {
  say('');
  say(plain(headline(view)));
  if (!(await confirm({ message: `Log in to ${plain(view.alias)} here, now?`, default: true }, { signal }))) return view;
  const { argv } = await client.request('host/connectArgv', { host: view.alias }, { signal });
  await runInTerminal(argv);
  await client.request('host/reconnect', { host: view.alias }, { signal });
  return (await settledHosts(client, signal)).find(({ alias }) => alias === view.alias) ?? view;
}

async function reviewSessions({ client, agentModel, signal }: ReviewContext, alias: string): Promise<void> {
  const { sessions } = await client.request('host/sessions', { host: alias }, { signal });
  for (const { name, command, managed } of sessions) {
    say(plain(managed ? `  ${name} (${command}): a viewer and a local agent (${agentModel}) beside it` : `  ${name} (${command}): not managed; cockpit does not touch it`));
  }
  const others = sessions.filter(({ managed }) => !managed);
  if (others.length === 0) return;
  const ids = await checkbox(
    { message: 'Adopt which of them? Each is renamed to cockpit-… and gets an agent; `cockpit release` undoes it', choices: others.map(({ id, name, command }) => ({ name: plain(`${name} (${command})`), value: id })), loop: false },
    { signal },
  );
  for (const id of ids) await adopt(client, `${alias}/${id}`, signal);
}

async function adopt(client: CockpitClient, session: string, signal: AbortSignal): Promise<void> {
  try {
    const { name } = await client.request('session/adopt', { session }, { signal });
    say(plain(`  adopted as ${name}`));
  } catch (error) {
    // It may have ended since it was listed; the others and the settings go on.
    if (!(error instanceof HumanError)) throw error;
    say(plain(`  not adopted: ${error.message}`));
  }
}

async function askSettings(host: HostConfig, signal: AbortSignal): Promise<ConfigChange[]> {
  const wake = await confirm({ message: 'Wake its agents when they have been idle for a while?', default: host.wake }, { signal });
  const remoteAuth = await select(
    {
      message: 'May a login of yours be copied to this host when its codex needs one?',
      choices: [{ name: 'Ask me when it is needed', value: 'ask' as const }, { name: 'Allow', value: 'allow' as const }, { name: 'Never', value: 'never' as const }],
      default: host.remoteAuth,
    },
    { signal },
  );
  const approvals = await select(
    {
      message: 'When an agent launches codex there again',
      choices: [{ name: 'without approvals (bypass)', value: 'bypass' as const }, { name: 'with approvals (ask)', value: 'ask' as const }],
      default: host.approvals,
    },
    { signal },
  );
  const changed = { ...(wake === host.wake ? {} : { wake }), ...(remoteAuth === host.remoteAuth ? {} : { remote_auth: remoteAuth }), ...(approvals === host.approvals ? {} : { approvals }) };
  return Object.keys(changed).length === 0 ? [] : [{ kind: 'host', host: { alias: host.alias, ...changed } }];
}

function headline(view: HostView): string {
  const { facts } = view;
  const machine = facts === null ? '' : `, ${facts.hostname}, ${facts.cpus} CPUs, ${Math.round(facts.ramBytes / 2 ** 30)} GiB${facts.gpus.length === 0 ? '' : `, ${facts.gpus.join(', ')}`}`;
  const tmux = view.tmux === null ? '' : `, tmux ${view.tmux}`;
  return `${view.alias}: ${view.state}${machine}${tmux}${view.lastError === null ? '' : `\n  ${view.lastError}`}`;
}
