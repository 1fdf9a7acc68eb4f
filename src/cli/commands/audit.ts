import type { ActionView } from '../../supervisor/protocol/api.ts';
import { delay } from '../../supervisor/base/clock.ts';
import { HumanError } from '../../supervisor/base/errors.ts';
import { withClient } from '../client.ts';
import type { GlobalOptions } from '../context.ts';
import { plain, say, sayJson } from '../io.ts';

const followPeriodMs = 500;

/** `cockpit audit [SESSION]`: the newest actions, oldest first; one JSON object a line with `--json`. */
export async function audit(options: GlobalOptions, session: string | null, own: { json?: boolean; follow?: boolean; limit: string }): Promise<void> {
  const limit = Number(own.limit);
  if (!Number.isInteger(limit) || limit < 1) throw new HumanError('bad-limit', '--limit takes a whole number above 0.', { exitCode: 2 });
  await withClient(options, async (client) => {
    let sinceSeq = 0;
    for (;;) {
      const { actions } = await client.request('audit/list', { session, limit, sinceSeq });
      for (const row of actions) {
        if (own.follow && row.outcome === null) break;
        sinceSeq = row.seq;
        if (own.json) sayJson(row, 0);
        else say(plain(line(row)));
      }
      if (!own.follow) return;
      await delay(followPeriodMs);
    }
  });
}

/** `cockpit audit verify`: exit code 1 and the row when the chain is broken. */
export async function verify(options: GlobalOptions): Promise<void> {
  const result = await withClient(options, (client) => client.request('audit/verify', {}));
  if (!result.ok) throw new HumanError('audit-broken', `The audit chain is broken at row ${String(result.brokenSeq)}: ${result.why ?? 'unknown'}. The rows before it are good.`);
  say(`${result.rows} rows, chain unbroken`);
}

function line(row: ActionView): string {
  const outcome = row.outcome === null ? 'under way' : row.reason === null ? row.outcome : `${row.outcome} (${row.reason})`;
  return `${row.at}  ${row.session}  ${row.tool}  ${outcome}  ${row.detail}`;
}
