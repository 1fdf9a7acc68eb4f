import { select } from '@inquirer/prompts';
import { HumanError } from '../../supervisor/base/errors.ts';
import type { WaitingView } from '../../supervisor/protocol/api.ts';
import { withClient, type CockpitClient } from '../client.ts';
import type { GlobalOptions } from '../context.ts';
import { plain, say, sayJson } from '../io.ts';
import { requireTerminal } from '../runInTerminal.ts';

/** How many characters of a fingerprint a person passes on. */
const codeLength = 8;

/** `cockpit attention`: everything on all hosts that waits for a person, the longest first. */
export async function attention(options: GlobalOptions, own: { json?: boolean }): Promise<void> {
  const { waiting } = await withClient(options, (client) => client.request('attention/list', {}));
  if (own.json) {
    sayJson({ waiting });
    return;
  }
  if (waiting.length === 0) say('nothing waits for you');
  for (const row of waiting) sayWaiting(row);
}

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

function sayWaiting({ session, name, state, waitingMs, what, approval }: WaitingView): void {
  say(plain(`${session} ${name}: ${state} for ${ageOf(waitingMs)}`));
  if (!approval) {
    say(plain(`  ${what}`));
    return;
  }
  say(plain(`  ${approval.risk} (${approval.why})${approval.isCut ? ', CUT: open the session to see all of it' : ''}  code ${approval.fingerprint.slice(0, codeLength)}`));
  for (const line of approval.command.split('\n')) say(plain(`  | ${line}`));
  for (const { key, label } of approval.options) say(plain(`  ${key}. ${label}`));
}

function sameSession(row: WaitingView, text: string): boolean {
  const [alias = ''] = row.session.split('/');
  return text === `${alias}/${row.name}` || `${alias}/${row.name}` === text.replace('/', '/cockpit-');
}

function ageOf(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return minutes >= 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : minutes > 0 ? `${minutes} min` : `${Math.floor(ms / 1000)} s`;
}
