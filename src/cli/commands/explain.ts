import { withClient } from '../client.ts';
import type { GlobalOptions } from '../context.ts';
import { plain, say, sayJson } from '../io.ts';

/** `cockpit explain SESSION`: the state, what it rests on, and what speaks against it. */
export async function explain(options: GlobalOptions, session: string, own: { json?: boolean }): Promise<void> {
  const result = await withClient(options, (client) => client.request('explain', { session }));
  if (own.json) {
    sayJson(result);
    return;
  }
  say(`${session} is ${result.state}`);
  for (const row of result.evidence) say(plain(`  ${row.source} says ${row.says} (${Math.round(row.ageMs / 1000)} s ago): ${row.value}`));
  for (const conflict of result.conflicts) say(plain(`  conflict: ${conflict}`));
  if (result.evidence.length === 0) say('  nothing was read yet');
}
