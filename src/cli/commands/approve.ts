import { select } from '@inquirer/prompts';
import { HumanError } from '../../supervisor/base/errors.ts';
import type { WaitingView } from '../../supervisor/protocol/api.ts';
import { withClient, type CockpitClient } from '../client.ts';
import type { GlobalOptions } from '../context.ts';
import { plain, say } from '../io.ts';
import { sayWaiting } from './attention.ts';
import { requireTerminal } from '../runInTerminal.ts';

/** `cockpit approve SESSION [OPTION]`: answers the approval that was shown here, or the one whose code is given; another one is refused. */
export async function approve(options: GlobalOptions, session: string, option: string | undefined, own: { seen?: string }): Promise<void> {
  await withClient(options, async (client) => {
    if (option !== undefined && own.seen !== undefined) {
      await answer(client, session, option, own.seen);
      return;
    }
    requireTerminal(`cockpit approve ${session} OPTION --seen CODE (\`cockpit attention\` shows both)`);
    const { waiting } = await client.request('attention/list', {});
    const row = waiting.find((one) => one.session === session || sameSession(one, session));
    if (!row?.approval) throw new HumanError('no-approval', `${session} asks nothing.`);
    sayWaiting(row);
    const choices = row.approval.options.map(({ key, label }) => ({ value: key, name: plain(`${key}. ${label}`) }));
    const chosen = await select({ message: 'Which answer?', choices: [...choices, { value: '', name: 'none: leave it' }], ...(option === undefined ? {} : { default: option }) });
    if (chosen !== '') await answer(client, session, chosen, row.approval.fingerprint);
  });
}

async function answer(client: CockpitClient, session: string, option: string, fingerprint: string): Promise<void> {
  const { outcome, explanation } = await client.request('attention/answer', { session, option, fingerprint });
  if (outcome !== 'accepted') throw new HumanError('not-answered', explanation);
  say(plain(explanation));
}

function sameSession(row: WaitingView, text: string): boolean {
  const [alias = ''] = row.session.split('/');
  return text === `${alias}/${row.name}` || `${alias}/${row.name}` === text.replace('/', '/cockpit-');
}
