import { HumanError } from '../../supervisor/base/errors.ts';
import { withClient } from '../client.ts';
import type { GlobalOptions } from '../context.ts';
import { say } from '../io.ts';
import { requireTerminal, runInTerminal } from '../runInTerminal.ts';

/** `cockpit connect HOST`: opens the connection here, where a person can answer what ssh asks (DISC-12). */
export async function connectHost(options: GlobalOptions, host: string): Promise<void> {
  requireTerminal('log in once with ssh from a terminal of this machine, with `cockpit connect`.');
  await withClient(options, async (client) => {
    const { argv } = await client.request('host/connectArgv', { host });
    const exitCode = await runInTerminal(argv);
    await client.request('host/reconnect', { host });
    if (exitCode !== 0) throw new HumanError('login-failed', `${host}: the login did not work; what ssh says above is why.`);
    say(`${host}: connected.`);
  });
}
