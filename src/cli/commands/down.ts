import { HumanError } from '../../supervisor/base/errors.ts';
import { delay } from '../../supervisor/base/clock.ts';
import { withClient } from '../client.ts';
import { pathsFor, type GlobalOptions } from '../context.ts';
import { say } from '../io.ts';
import { connectOrStart } from '../startSupervisor.ts';
import { stat } from 'node:fs/promises';

/** `cockpit down`: nothing of cockpit runs on this machine afterwards; remote sessions go on (PAIR-7). */
export async function down(options: GlobalOptions): Promise<void> {
  const paths = pathsFor(options);
  try {
    await withClient(options, (client) => client.request('down', {}));
  } catch (error) {
    if (!(error instanceof HumanError && error.exitCode === 3)) throw error;
    const wasUsed = await stat(paths.stateDb).then(() => true, () => false);
    if (!wasUsed) {
      say('nothing runs');
      return;
    }
    // A killed supervisor leaves tmux servers, agents and connections: one that starts knows them all and ends them.
    const { client } = await connectOrStart(paths);
    await client.request('down', {});
    client.dispose();
  }
  await supervisorGone(paths.socket);
  say('down; the remote sessions go on');
}

async function supervisorGone(socket: string): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (performance.now() < deadline) {
    const isThere = await stat(socket).then(() => true, () => false);
    if (!isThere) return;
    await delay(20);
  }
  throw new HumanError('still-up', 'The supervisor did not end within 15 s. See supervisor.log in the data directory.');
}
