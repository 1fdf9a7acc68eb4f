import { HumanError } from '../../supervisor/base/errors.ts';
import { applyConfig } from '../applyConfig.ts';
import { withClient } from '../client.ts';
import { readConfig, type HostConfig } from '../configEdit.ts';
import { pathsFor, type GlobalOptions } from '../context.ts';
import { plain, say } from '../io.ts';

/** `cockpit remote-auth HOST [allow|never|ask] [--undo]`: the operator's consent for MCP-7, kept in config.yaml, and the way back. */
export async function remoteAuth(options: GlobalOptions, host: string, answer: HostConfig['remoteAuth'] | null, own: { undo?: boolean }): Promise<void> {
  if (own.undo === true) {
    if (answer !== null) throw new HumanError('bad-answer', 'Give an answer or --undo, not both.', { exitCode: 2 });
    const { did } = await withClient(options, (client) => client.request('host/undoRemoteAuth', { host }));
    say(plain(undone(host)[did]));
    return;
  }
  const paths = pathsFor(options);
  const found = (await readConfig(paths))?.hosts.find(({ alias }) => alias === host);
  if (!found) throw new HumanError('unknown-host', `There is no host ${JSON.stringify(host)} in ${paths.config}.`, { exitCode: 2 });
  if (answer === null) {
    say(plain(`${host}: ${found.remoteAuth}`));
    return;
  }
  await applyConfig(options, [{ kind: 'host', host: { alias: host, remote_auth: answer } }]);
  say(plain(`${host}: ${answer}`));
}

const undone = (host: string) => ({
  restored: `${host} has its own login back. Start Codex there again to use it.`,
  removed: `${host} had no login before, and has none now.`,
  nothing: `cockpit installed no login at ${host}.`,
});
