import { withClient } from '../client.ts';
import type { GlobalOptions } from '../context.ts';

/** `cockpit open HOST[/SESSION]`: selects it for every window and terminal. */
export async function open(options: GlobalOptions, target: string, focus: 'remote' | 'agent' | null): Promise<void> {
  const slash = target.indexOf('/');
  const host = slash < 0 ? target : target.slice(0, slash);
  const session = slash < 0 ? null : target;
  await withClient(options, (client) => client.request('select', { host, session, focus }));
}
