import { delay } from '../supervisor/base/clock.ts';
import { acquireLeadership } from '../supervisor/adapters/store/leadership.ts';
import { startSupervisor, type StartOptions } from '../supervisor/main.ts';
import { pathsFor, type GlobalOptions } from './context.ts';
import { say } from './io.ts';

/** After giving way the window that asked gets this long to take the lock. */
const politeMs = 2_000;

/** `cockpit supervise`: owns the data directory until `down` or a signal; exits 0 at once when another supervisor owns it. */
export async function supervise(options: GlobalOptions, own: { standby?: boolean }): Promise<void> {
  const paths = pathsFor(options);
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => { ending.abort(new Error(signal)); });
  if (own.standby) {
    await standBy({ paths, owner: 'standby', wait: true, asked: false, signal: ending.signal });
    return;
  }
  const isOurs = await run({ paths, owner: 'cli', wait: false, asked: true, signal: ending.signal });
  if (!isOurs) say('another supervisor owns this data directory');
}

/** Takes over whenever nobody owns the data directory, gives way to a window, and ends after `down` (HumanError 'down' of the next try) or a signal. One per data directory. */
async function standBy(options: StartOptions): Promise<void> {
  const only = acquireLeadership(options.paths.standbyDb);
  if (only === null) {
    say('another standby waits for this data directory');
    return;
  }
  try {
    while (!options.signal?.aborted) {
      await run(options);
      await delay(politeMs, options.signal);
    }
  } finally {
    only.release();
  }
}

/** One life of a supervisor; false when another one owns the data directory. */
async function run(options: StartOptions): Promise<boolean> {
  const supervisor = await startSupervisor(options);
  if (supervisor === null) return false;
  const stop = () => { supervisor.stop(); };
  if (options.signal?.aborted) stop();
  else options.signal?.addEventListener('abort', stop, { once: true });
  await supervisor.ended;
  options.signal?.removeEventListener('abort', stop);
  return true;
}
