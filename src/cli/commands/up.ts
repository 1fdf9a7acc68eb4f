import { stat } from 'node:fs/promises';
import { HumanError } from '../../supervisor/base/errors.ts';
import type { CockpitClient } from '../client.ts';
import { pathsFor, type GlobalOptions } from '../context.ts';
import { plain, say } from '../io.ts';
import { runInTerminal } from '../runInTerminal.ts';
import { connectOrStart } from '../startSupervisor.ts';
import { settledStatus } from '../settledStatus.ts';
import { formatStatus } from './status.ts';

/** `cockpit up`: starts (or joins and reconfigures) the supervisor and shows the terminal cockpit. */
export async function up(options: GlobalOptions, own: { attach: boolean }): Promise<void> {
  const paths = pathsFor(options);
  if (!(await exists(paths.config))) {
    throw new HumanError('no-config', `There is no ${paths.config} yet. Run \`cockpit setup\` in a terminal, or write it (config/hosts.example.yaml shows how).`, { exitCode: 2 });
  }
  const { client, started } = await connectOrStart(paths);
  try {
    if (!started) {
      const { changed } = await client.request('reload', { sshAuthSock: process.env['SSH_AUTH_SOCK'] ?? null });
      say(changed.length === 0 ? 'already running; nothing changed' : `already running; changed: ${plain(changed.join(', '))}`);
    }
    if (own.attach && process.stdin.isTTY && process.stdout.isTTY) {
      const { argv } = await client.request('ui/terminal', {});
      await runInTerminal(argv, { ...process.env, TMUX: '' });
      say((await isUp(client)) ? 'detached; the cockpit goes on. `cockpit up` shows it again, `cockpit down` ends it.' : 'the cockpit is down; the remote sessions go on.');
      return;
    }
    if (own.attach) say('no terminal here, so nothing is attached; `cockpit up` in a terminal shows the cockpit');
    say(plain(formatStatus(await settledStatus(client))));
  } finally {
    client.dispose();
  }
}

/** Whether the supervisor still answers and is not on its way down. */
async function isUp(client: CockpitClient): Promise<boolean> {
  return await client.request('status', {}).then(
    (view) => view.supervisor.running,
    () => false,
  );
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
