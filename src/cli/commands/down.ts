import { stat } from 'node:fs/promises';
import { delay } from '../../supervisor/base/clock.ts';
import { HumanError } from '../../supervisor/base/errors.ts';
import { createLogger } from '../../supervisor/base/logger.ts';
import type { Paths } from '../../supervisor/protocol/paths.ts';
import { takeDown } from '../../supervisor/takeDown.ts';
import { withClient } from '../client.ts';
import { pathsFor, type GlobalOptions } from '../context.ts';
import { say } from '../io.ts';

const patienceMs = 20_000;

/** `cockpit down`: nothing of cockpit runs on this machine afterwards; remote sessions go on (PAIR-7). */
export async function down(options: GlobalOptions): Promise<void> {
  const paths = pathsFor(options);
  const isUsed = await stat(paths.stateDb).then(() => true, () => false);
  const hasEnded = isUsed && (await end(options, paths));
  say(hasEnded ? 'down; the remote sessions go on' : 'nothing runs');
}

/** False if it was down already. */
async function end(options: GlobalOptions, paths: Paths): Promise<boolean> {
  const logger = createLogger((line) => process.stderr.write(`${line}\n`), 'warn');
  const deadline = performance.now() + patienceMs;
  while (performance.now() < deadline) {
    const pid = await askSupervisor(options);
    if (pid !== null) {
      await supervisorGone(paths.socket, pid, deadline);
      return true;
    }
    const taken = await takeDown(paths, logger);
    if (taken !== 'supervised') return taken === 'ended';
    // One that just starts or ends: soon it answers or is gone.
    await delay(50);
  }
  throw stillUp();
}

/** Pid of the supervisor that was asked to end everything; null where none answers. */
async function askSupervisor(options: GlobalOptions): Promise<number | null> {
  try {
    return await withClient(options, async (client) => {
      await client.request('down', {});
      return client.supervisor.pid;
    });
  } catch (error) {
    if (error instanceof HumanError && error.exitCode === 3) return null;
    throw error;
  }
}

async function supervisorGone(socket: string, pid: number, deadline: number): Promise<void> {
  while (performance.now() < deadline) {
    const isThere = isAlive(pid) && (await stat(socket).then(() => true, () => false));
    if (!isThere) return;
    await delay(20);
  }
  throw stillUp();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function stillUp(): HumanError {
  return new HumanError('still-up', `The supervisor did not end within ${patienceMs / 1000} s. See supervisor.log in the data directory.`);
}
