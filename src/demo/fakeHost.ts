import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { workloadArgv, type Workload } from './workloads.ts';

const execFileAsync = promisify(execFile);

/** One fake host of the demo: a tmux server of its own on `socket`. */
export type FakeHost = { alias: string; socket: string };

/** Room for a session's name in the status line; else as tmux is out of the box. */
const looks = ['set-option', '-g', 'status-left-length', '40', ';', 'set-option', '-g', 'status-left', '#{session_name} ', ';'];

/** Starts a session with a workload on a fake host; the server starts with its first session. */
export async function startSession(host: FakeHost, name: string, workload: Workload, env: NodeJS.ProcessEnv): Promise<void> {
  await tmux(host, ['start-server', ';', ...looks, 'new-session', '-d', '-s', name, '-x', '110', '-y', '32', '-c', '/', ...workloadArgv(workload)], env);
}

/** Ends a session. */
export async function endSession(host: FakeHost, name: string): Promise<void> {
  await tmux(host, ['kill-session', '-t', `=${name}`], process.env);
}

/** Names of the sessions; empty when the server does not run. */
export async function sessionNames(host: FakeHost): Promise<string[]> {
  try {
    return (await tmux(host, ['list-sessions', '-F', '#{session_name}'], process.env)).trim().split('\n').filter(Boolean);
  } catch {
    // tmux exits 1 when no server runs on the socket: that host has no sessions.
    return [];
  }
}

/** Ends the host's tmux server and all that runs in it; does nothing when there is none. */
export async function endHost(host: FakeHost): Promise<void> {
  if ((await sessionNames(host)).length > 0) await tmux(host, ['kill-server'], process.env);
}

async function tmux(host: FakeHost, args: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const clean = { ...env };
  delete clean['TMUX'];
  const { stdout } = await execFileAsync('tmux', ['-f', '/dev/null', '-S', host.socket, ...args], { env: clean });
  return stdout;
}
