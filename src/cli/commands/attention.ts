import type { WaitingView } from '../../supervisor/protocol/api.ts';
import { withClient } from '../client.ts';
import type { GlobalOptions } from '../context.ts';
import { plain, say, sayJson } from '../io.ts';

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

/** Shows what one session asks, whole, and what can be answered. */
export function sayWaiting({ session, name, state, waitingMs, what, approval }: WaitingView): void {
  say(plain(`${session} ${name}: ${state} for ${ageOf(waitingMs)}`));
  if (!approval) {
    say(plain(`  ${what}`));
    return;
  }
  say(plain(`  ${approval.risk} (${approval.why})${approval.isCut ? ', CUT: open the session to see all of it' : ''}  code ${approval.fingerprint.slice(0, codeLength)}`));
  for (const line of approval.command.split('\n')) say(plain(`  | ${line}`));
  for (const { key, label } of approval.options) say(plain(`  ${key}. ${label}`));
}

function ageOf(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return minutes >= 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : minutes > 0 ? `${minutes} min` : `${Math.floor(ms / 1000)} s`;
}
