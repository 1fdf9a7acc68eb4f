import { startSupervisor } from '../supervisor/main.ts';
import { pathsFor, type GlobalOptions } from './context.ts';
import { say } from './io.ts';

/** `cockpit supervise`: owns the data directory until `down` or a signal; exits 0 at once when another supervisor owns it. */
export async function supervise(options: GlobalOptions, own: { standby?: boolean }): Promise<void> {
  const supervisor = await startSupervisor({ paths: pathsFor(options), owner: own.standby ? 'standby' : 'cli', wait: own.standby ?? false });
  if (supervisor === null) {
    say('another supervisor owns this data directory');
    return;
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      supervisor.stop();
    });
  }
  await supervisor.ended;
}
