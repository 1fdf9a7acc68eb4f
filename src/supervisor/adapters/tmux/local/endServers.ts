import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { delay } from '../../../base/clock.ts';
import { CockpitError } from '../../../base/errors.ts';
import type { Paths } from '../../../protocol/paths.ts';
import { TmuxServerProcess } from './tmuxServerProcess.ts';

/** Ends cockpit's own three tmux servers of a data directory and what runs in them, and nothing else (PAIR-7). Those that do not run are fine. Dispose of who keeps them first, or they are made again. */
export async function endServers(paths: Pick<Paths, 'viewerTmux' | 'agentTmux' | 'outerTmux'>): Promise<void> {
  await Promise.all([paths.outerTmux, paths.viewerTmux, paths.agentTmux].map(endServer));
}

async function endServer(socket: string): Promise<void> {
  await TmuxServerProcess.whenQuiet(socket);
  const deadlineMs = performance.now() + 5_000;
  // kill-server answers before the server is gone; who starts the next one too soon meets the old one.
  for (let command = 'kill-server'; await answers(socket, command); command = 'list-sessions') {
    if (performance.now() > deadlineMs) throw new CockpitError('tmux-stays', `the tmux server on ${socket} does not end`);
    await delay(20);
  }
}

/** Whether a server took the command; rejects if tmux itself could not be run. */
async function answers(socket: string, command: string): Promise<boolean> {
  try {
    await promisify(execFile)('tmux', ['-N', '-S', socket, command], { timeout: 5_000 });
    return true;
  } catch (error) {
    const said = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr) : '';
    if (/server exited|lost server/.test(said)) return true;
    if (/no server running|error connecting/.test(said)) return false;
    throw error;
  }
}
