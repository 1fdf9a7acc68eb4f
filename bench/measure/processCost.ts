import { readdirSync, readFileSync } from 'node:fs';
import { codeOf } from '../../src/supervisor/base/errors.ts';

/** A living process. */
export type Process = { pid: number; parentPid: number; command: string };

const tickMs = 10;

/** All living processes; kernel threads and zombies have no command line and are left out. */
export function processes(): Process[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    const stat = read(`/proc/${name}/stat`);
    const command = read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim();
    return command === '' ? [] : [{ pid: Number(name), parentPid: Number(fieldsBehindName(stat)[1]), command }];
  });
}

/** Pids of a process and of everything below it. */
export function withDescendants(root: number, all: readonly Process[]): number[] {
  return [root, ...all.filter((one) => one.parentPid === root).flatMap((one) => withDescendants(one.pid, all))];
}

/**
 * CPU time in ms that a process and its ended children have used so far; 0 when it is gone. Its own threads are counted by the scheduler in
 * nanoseconds; ended children by /proc/PID/stat in ticks of 10 ms, which is too coarse for an idle process, but those have none.
 */
export function cpuMs(pid: number): number {
  const own = readTasks(pid).reduce((sum, tid) => sum + Number(read(`/proc/${pid}/task/${tid}/schedstat`).split(' ')[0] || 0) / 1e6, 0);
  return own + endedChildrenMs(pid);
}

/** CPU time in ms of the ended children of a process. */
export function endedChildrenMs(pid: number): number {
  const fields = fieldsBehindName(read(`/proc/${pid}/stat`));
  return (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) * tickMs;
}

/** Resident memory in MB; 0 when the process is gone. */
export function rssMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;
}

/** Proportional share of memory in MB: what several processes share is divided among them. 0 when the process is gone. */
export function pssMb(pid: number): number {
  return Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0) / 1024;
}

/** Whether the environment or the command line of a process names a folder. */
export function mentions(pid: number, folder: string): boolean {
  return read(`/proc/${pid}/cmdline`).includes(folder) || read(`/proc/${pid}/environ`).includes(folder);
}

function readTasks(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** Fields of a stat file from `state` on (field 3 of the manual is at 0); the name before them may hold anything. */
function fieldsBehindName(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (isGone(error)) return '';
    throw error;
  }
}

/** Ended meanwhile, or somebody else's. */
function isGone(error: unknown): boolean {
  return ['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(codeOf(error) ?? '');
}
