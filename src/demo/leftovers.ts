import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { delay } from '../supervisor/base/clock.ts';
import type { DemoFiles } from './demoFiles.ts';

const patienceMs = 3_000;

/**
 * Ends what still runs for the demo, however it was left: orchestrator, supervisor, tmux servers and app-servers, found by their own arguments (their
 * sockets and files may be gone). A program of the person that only looks at the demo's files is none of them. Returns how many there were.
 */
export async function endLeftoverProcesses(files: DemoFiles): Promise<number> {
  const found = await processesOf(files);
  const deadlineMs = performance.now() + patienceMs;
  for (let pids = found; pids.length > 0; pids = await processesOf(files)) {
    for (const pid of pids) kill(pid, performance.now() > deadlineMs ? 'SIGKILL' : 'SIGTERM');
    await delay(50);
  }
  return found.length;
}

async function processesOf(files: DemoFiles): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => pid !== process.pid);
  const matches = await Promise.all(pids.map(async (pid) => isOfDemo(await argvOf(pid), files)));
  return pids.filter((_, at) => matches[at] === true);
}

/** Whether a command line is one that the demo started. */
function isOfDemo(argv: readonly string[], { root, paths }: DemoFiles): boolean {
  const [program = ''] = argv;
  const follows = (word: string, isIt: (next: string) => boolean) => argv.some((arg, at) => arg === word && isIt(argv[at + 1] ?? ''));
  // A short runtime directory of another environment has the same hash in another folder.
  const shortName = basename(paths.runtime).startsWith('ck-') ? `/${basename(paths.runtime)}/` : null;
  const isInRuntime = (path: string) => path.startsWith(`${paths.runtime}/`) || path.startsWith(`${root}/`) || (shortName !== null && path.includes(shortName));
  if (/(^|\/)tmux\b/.test(program)) return follows('-S', isInRuntime);
  if (argv.includes('app-server')) return follows('--listen', (url) => isInRuntime(url.replace(/^unix:\/\//, '')));
  return follows('demo-run', (path) => path === root) || (argv.includes('supervise') && follows('--data-dir', (path) => path === paths.dataDir));
}

async function argvOf(pid: number): Promise<string[]> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
  } catch {
    // It ended meanwhile, or is another user's.
    return [];
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended meanwhile; one that may not be ended is found again and seen by the caller's patience.
  }
}
