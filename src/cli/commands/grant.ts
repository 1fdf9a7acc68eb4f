import { HumanError } from '../../supervisor/base/errors.ts';
import { withClient } from '../client.ts';
import type { GlobalOptions } from '../context.ts';
import { say, sayJson } from '../io.ts';

/** `cockpit grant SESSION`: url and token of the session's HTTP MCP endpoint. */
export async function grant(options: GlobalOptions, session: string, own: { json?: boolean; hours: string }): Promise<void> {
  const hours = Number(own.hours);
  if (!(hours > 0 && hours <= 24 * 365)) throw new HumanError('bad-hours', '--hours takes a number above 0, at most 8760.', { exitCode: 2 });
  const made = await withClient(options, (client) => client.request('grant/create', { session, ttlMs: Math.round(hours * 3_600_000) }));
  if (own.json) sayJson(made);
  else say(`url:     ${made.url}\ntoken:   ${made.token}\nexpires: ${made.expiresAt}`);
}
