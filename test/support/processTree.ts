import { readdirSync, readFileSync } from 'node:fs';

/** One process as /proc shows it; `commandLine` has its NULs as spaces. */
export type ProcessInfo = { pid: number; parent: number; commandLine: string };

/** Everything that runs below `root`, children first. */
export function descendantsOf(root: number): ProcessInfo[] {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((name) => readProcess(Number(name)));
  const below = (pid: number): ProcessInfo[] => all.flatMap((p) => (p?.parent === pid ? [...below(p.pid), p] : []));
  return below(root);
}

/** Pids of everything that was started with exactly this in its environment, wherever it has gone since. */
export function pidsWithEnv(name: string, value: string): number[] {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).map(Number);
  return pids.filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${name}=${value}`);
    } catch {
      return false; // it ended while /proc was read, or is another user's
    }
  });
}

/** Whether a process (and not only its zombie) is there. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

function readProcess(pid: number): ProcessInfo | null {
  try {
    const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return { pid, parent: Number(parent), commandLine: readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() };
  } catch {
    return null; // it ended while /proc was read
  }
}
