import { readFileSync } from 'node:fs';
import { delay } from '../../base/clock.ts';
import { codeOf } from '../../base/errors.ts';
import { readRegularFile } from './atomicFile.ts';

/** A process that outlives the supervisor: the pid alone could be somebody else's later, with these it cannot. */
export type ProcessRecord = { pid: number; /** clock ticks since boot, field 22 of /proc/PID/stat */ startTicks: string; bootId: string; launchHash: string };

/**
 * The `sh -c` script that records itself in the file `$0` and then becomes the program `$2…`; `$1` is the launch hash.
 * It records before the program runs, so no moment exists in which a killed supervisor leaves a program that nobody knows.
 */
export const recordAndRun = 'umask 077; { cat /proc/$$/stat /proc/sys/kernel/random/boot_id; echo "$1"; } >"$0.new" && mv "$0.new" "$0" && shift && exec "$@"';

/** Reads what `recordAndRun` wrote; null where there is nothing usable. */
export async function readRecord(path: string): Promise<ProcessRecord | null> {
  const [stat, bootId, launchHash] = (await readRegularFile(path))?.split('\n') ?? [];
  const parsed = parseStat(stat ?? '');
  return parsed === null || !bootId || !launchHash ? null : { pid: parsed.pid, startTicks: parsed.startTicks, bootId, launchHash };
}

/** Whether exactly this process still runs; a zombie does not. */
export function isRunning(record: ProcessRecord): boolean {
  const stat = parseStat(readProc(`/proc/${record.pid}/stat`));
  return stat !== null && stat.state !== 'Z' && stat.state !== 'X' && stat.startTicks === record.startTicks && readProc('/proc/sys/kernel/random/boot_id').trim() === record.bootId;
}

/** Sends one signal after the other, each with its time to work, until the process is gone. Resolves true if it is. */
export async function endProcess(record: ProcessRecord, steps: readonly { signal: NodeJS.Signals; waitMs: number }[]): Promise<boolean> {
  for (const { signal, waitMs } of steps) {
    if (!isRunning(record)) return true;
    sendSignal(record.pid, signal);
    const deadlineMs = performance.now() + waitMs;
    while (isRunning(record) && performance.now() < deadlineMs) await delay(5);
  }
  return !isRunning(record);
}

/** Parses /proc/PID/stat, whose second field is a name in brackets that may hold anything. */
export function parseStat(text: string): { pid: number; state: string; startTicks: string } | null {
  const [, pid, rest] = /^(\d+) \(.*\) (.+)$/s.exec(text.trim()) ?? [];
  const fields = rest?.split(' ') ?? [];
  const [state, startTicks] = [fields[0], fields[19]];
  return pid === undefined || state === undefined || startTicks === undefined ? null : { pid: Number(pid), state, startTicks };
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return '';
    throw error;
  }
}
