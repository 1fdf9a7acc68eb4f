import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Paths } from '../../../protocol/paths.ts';

/** Ends cockpit's own three tmux servers of a data directory and what runs in them, and nothing else (PAIR-7). Those that do not run are fine. */
export async function endServers(paths: Pick<Paths, 'viewerTmux' | 'agentTmux' | 'outerTmux'>): Promise<void> {
  await Promise.all([paths.outerTmux, paths.viewerTmux, paths.agentTmux].map(endServer));
}

async function endServer(socket: string): Promise<void> {
  try {
    await promisify(execFile)('tmux', ['-N', '-S', socket, 'kill-server'], { timeout: 5_000 });
  } catch (error) {
    const said = typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr) : '';
    if (!/no server running|error connecting|server exited|lost server/.test(said)) throw error;
  }
}
