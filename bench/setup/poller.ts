import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Remote, RemoteHost } from './remote.ts';

/** The way without cockpit: spawns `ssh … tmux …` every 2 s and looks at the answers. */
export type Poller = {
  /** When an answer first held a text (monotonic ms). */
  seen(text: string): Promise<number>;
  stop(): Promise<void>;
};

const run = promisify(execFile);
const periodMs = 2_000;

/** The remote commands of one poll: `one` spawn for all (the kindest way), or a spawn each. */
function pollCommands({ tmux, sessions }: RemoteHost, spawns: 'one' | 'three'): string[] {
  const at = `tmux -S ${tmux.socket}`;
  const [list, panes] = ['list-sessions', "list-panes -a -F '#{session_name} #{pane_id} #{pane_title}'"];
  if (spawns === 'three') return [`${at} ${list}`, `${at} ${panes}`, `${at} capture-pane -p -t '${sessions[0]?.id ?? ''}'`];
  return [`${at} ${[list, panes, ...sessions.map(({ paneId }) => `capture-pane -p -t ${paneId}`)].join(' \\; ')}`];
}

/** Polls until `stop`. */
export function startPoller(remote: Remote, host: RemoteHost, over: 'master' | 'cold', spawns: 'one' | 'three'): Poller {
  const ending = new AbortController();
  const waiting = new Map<string, (atMs: number) => void>();
  const look = (text: string) => {
    for (const [token, resolve] of waiting) {
      if (!text.includes(token)) continue;
      waiting.delete(token);
      resolve(performance.now());
    }
  };
  const loop = async () => {
    while (!ending.signal.aborted) {
      const startMs = performance.now();
      for (const command of pollCommands(host, spawns)) look(await output(remote.sshArgv(host.alias, over, command)));
      await delay(Math.max(0, startMs + periodMs - performance.now()), undefined, { signal: ending.signal }).catch(() => undefined); // stopped
    }
  };
  const done = loop();
  return {
    seen: (text) => Promise.race([new Promise<number>((resolve) => waiting.set(text, resolve)), done.then(() => NaN)]),
    async stop() {
      ending.abort();
      await done;
    },
  };
}

/** stdout of a command that must succeed. */
export async function output([command = '', ...args]: string[]): Promise<string> {
  return (await run(command, args, { maxBuffer: 2 ** 26 })).stdout;
}
