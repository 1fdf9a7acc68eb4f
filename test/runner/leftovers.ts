import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';

/** A process that outlived the test run which started it. */
export type Leftover = { pid: number; /** its command line, shortened */ command: string };

const prefix = 'ckt-';
/** Name of a run's temporary folder, up to its random part: it names the process that runs the tests. */
export const runDirPrefix = `${prefix}${process.pid}-`;
/** How long a process that was just told to end may take. */
const patienceMs = 2_000;

/** Ends everything that still belongs to the folder `runDir` and names what had to be ended; what ends by itself meanwhile is not named. */
export async function endLeftovers(runDir: string): Promise<Leftover[]> {
  const deadlineMs = performance.now() + patienceMs;
  let found = findLeftovers(runDir);
  while (found.length > 0 && performance.now() < deadlineMs) {
    await delay(50);
    found = findLeftovers(runDir);
  }
  const ended = new Map<number, Leftover>();
  // A dying tmux server or ssh may start a child first, so look again until there are none.
  for (let round = 0; found.length > 0 && round < 50; round += 1) {
    for (const leftover of found) {
      ended.set(leftover.pid, leftover);
      end(leftover.pid);
    }
    await delay(20);
    found = findLeftovers(runDir);
  }
  return [...ended.values()];
}

/** Clears away folders and processes of earlier runs that were killed; a run that still goes on is left alone. */
export async function clearDeadRuns(tmp: string): Promise<void> {
  for (const name of readdirSync(tmp)) {
    const pid = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined || isTestRun(pid)) continue;
    const runDir = join(tmp, name);
    const ended = await endLeftovers(runDir);
    rmSync(runDir, { recursive: true, force: true });
    console.log(`Cleared away an earlier run that was killed (${runDir}${ended.map((one) => `, ${one.pid}: ${one.command}`).join('')}).`);
  }
}

function isTestRun(pid: string): boolean {
  return existsSync(`/proc/${pid}`) && readProc(`/proc/${pid}/cmdline`).includes('test/run.ts');
}

type Process = { pid: number; parentPid: number; command: string; /** where the run's folder would show */ traces: string[] };

/** Processes whose command line, environment or current folder shows `runDir`, and everything that they started. */
function findLeftovers(runDir: string): Leftover[] {
  const processes = readProcesses();
  const pids = new Set(processes.filter(({ traces }) => traces.some((trace) => trace.includes(runDir))).map(({ pid }) => pid));
  let before: number;
  do {
    before = pids.size;
    for (const { pid, parentPid } of processes) if (pids.has(parentPid)) pids.add(pid);
  } while (pids.size > before);
  return processes.filter(({ pid }) => pids.has(pid)).map(({ pid, command }) => ({ pid, command: command.slice(0, 200) }));
}

/** All living processes but this one; zombies and kernel threads have no command line and are left out. */
function readProcesses(): Process[] {
  const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const processes = names.map((name) => ({
    pid: Number(name),
    parentPid: Number(/\) \S (\d+) [^)]*$/.exec(readProc(`/proc/${name}/stat`))?.[1] ?? 0),
    command: readProc(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim(),
    traces: [readProc(`/proc/${name}/cmdline`), readProc(`/proc/${name}/environ`), currentFolder(name)],
  }));
  return processes.filter(({ command }) => command !== '');
}

/** Text of a file in /proc; '' when the process has ended or belongs to somebody else. */
function readProc(path: string): string {
  return orEmpty(() => readFileSync(path, 'latin1'));
}

function currentFolder(pid: string): string {
  return orEmpty(() => readlinkSync(`/proc/${pid}/cwd`));
}

function orEmpty(read: () => string): string {
  try {
    return read();
  } catch (error) {
    if (isGone(error)) return '';
    throw error;
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(String(error.code));
}
