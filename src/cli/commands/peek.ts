import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { withClient } from '../client.ts';
import type { GlobalOptions } from '../context.ts';
import { plain, say } from '../io.ts';

/** `cockpit peek SESSION`: the screen as it is, without selecting or claiming. */
export async function peek(options: GlobalOptions, session: string): Promise<void> {
  const screen = await withClient(options, (client) => client.request('session/peek', { session }));
  say(plain(screen.text));
}

/** `cockpit scrollback SESSION`: the whole history in $PAGER, or to stdout where there is no terminal. */
export async function scrollback(options: GlobalOptions, session: string): Promise<void> {
  const { text } = await withClient(options, (client) => client.request('session/scrollback', { session }));
  if (!process.stdout.isTTY) {
    say(plain(text));
    return;
  }
  const pager = spawn('sh', ['-c', process.env['PAGER'] || 'less'], { stdio: ['pipe', 'inherit', 'inherit'] });
  // A person who leaves the pager early closes the pipe: that is no error.
  pager.stdin.on('error', () => undefined);
  pager.stdin.end(plain(text));
  await once(pager, 'exit');
}
