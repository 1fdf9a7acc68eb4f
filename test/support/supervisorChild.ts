import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { api, type Api } from '../../src/supervisor/protocol/api.ts';
import { connect, type Client } from '../../src/supervisor/protocol/client.ts';
import type { CockpitFixture } from './cockpit.ts';
import { until } from './until.ts';

const entry = fileURLToPath(new URL('../../src/cli/cockpit.ts', import.meta.url));

/** A supervisor that this process started itself, without the CLI in between. */
export type SupervisorChild = { pid: number; connect(): Promise<Client<Api>>; /** SIGKILL; resolves when it is gone. */ kill(): Promise<void> };

/** Starts `cockpit supervise` and waits until it answers. */
export async function startSupervisorChild(cockpit: CockpitFixture): Promise<SupervisorChild> {
  const log = openSync(cockpit.paths.log, 'a', 0o600);
  const child: ChildProcess = spawn(process.execPath, [entry, '--data-dir', cockpit.paths.dataDir, 'supervise'], { env: cockpit.env, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  const gone = once(child, 'exit');
  const connectNow = () => connect(cockpit.paths, api, 'test');
  const { pid } = child;
  if (pid === undefined) throw new Error('the supervisor did not start');
  await until(
    async () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
      const client = await connectNow();
      client.dispose();
      return client.supervisor.pid === pid;
    },
    { timeoutMs: 15_000, what: 'the supervisor answers' },
  );
  return {
    pid,
    connect: connectNow,
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
