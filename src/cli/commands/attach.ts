import { withClient } from '../client.ts';
import type { GlobalOptions } from '../context.ts';
import { requireTerminal, runInTerminal } from '../runInTerminal.ts';

/** `cockpit attach SESSION`: this terminal becomes a client of the remote session, over the open connection. */
export async function attach(options: GlobalOptions, session: string): Promise<void> {
  requireTerminal(`cockpit peek ${session}`);
  const { argv } = await withClient(options, (client) => client.request('session/attachArgv', { session, claim: true }));
  // A terminal inside another tmux may attach: the remote session is not the one that it runs in.
  process.exitCode = await runInTerminal(argv, { ...process.env, TMUX: '' });
}
