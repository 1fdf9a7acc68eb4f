import { readdirSync, readFileSync } from 'node:fs';

/** One process as /proc shows it; `name` is its comm (`tmux: server`). */
export type OwnProcess = { pid: number; parent: number; name: string; argv: string[]; commandLine: string };

/** Every living process (no zombie, not this one) whose command line names `dir`. */
export function processesNaming(dir: string): OwnProcess[] {
  return allProcesses().filter(({ commandLine }) => commandLine.includes(dir));
}

/** Every living process (not this one) whose command line or environment names `dir`: also what was started for it under another name. */
export function processesTouching(dir: string): OwnProcess[] {
  return allProcesses().filter(({ pid, commandLine }) => commandLine.includes(dir) || read(`/proc/${pid}/environ`).includes(dir));
}

/** The memory that a process holds, in bytes; 0 when it is gone. */
export function rssBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

function allProcesses(): OwnProcess[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return pids.flatMap((pid) => {
    const raw = read(`/proc/${pid}/cmdline`);
    // A zombie has no command line.
    if (raw === '') return [];
    const parent = Number(/^PPid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
    return [{ pid: Number(pid), parent, name: read(`/proc/${pid}/comm`).trim(), argv: raw.replace(/\0$/, '').split('\0'), commandLine: raw.replaceAll('\0', ' ').trim() }];
  });
}

/** '' when the process has ended, or is another user's. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
