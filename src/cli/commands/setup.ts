import { confirm } from '@inquirer/prompts';
import { HumanError } from '../../supervisor/base/errors.ts';
import type { Paths } from '../../supervisor/protocol/paths.ts';
import { hasScreen } from '../../supervisor/base/desktopEnv.ts';
import { notLoggedIn } from '../accounts/logIn.ts';
import { forgetAccount } from '../accounts/account.ts';
import { savePassword } from '../accounts/secrets.ts';
import { changeConfig, readConfig, type Config } from '../configEdit.ts';
import { pathsFor, type GlobalOptions } from '../context.ts';
import { plain, say } from '../io.ts';
import { loginAccounts } from './loginAccounts.ts';
import { requireTerminal } from '../runInTerminal.ts';
import { askAccounts } from '../setup/askAccounts.ts';
import { askHosts } from '../setup/askHosts.ts';
import { draftOf } from '../setup/draft.ts';
import { reviewHost } from '../setup/reviewHost.ts';
import { settledHosts } from '../setup/settledHosts.ts';
import { readSshAliases } from '../sshAliases.ts';
import { connectOrStart } from '../startSupervisor.ts';

/** `cockpit setup`: hosts and accounts, then what runs on each host and what cockpit does there (CONF-4). Writes whole steps only; Ctrl-C ends it at any time. */
export async function setup(options: GlobalOptions): Promise<void> {
  const paths = pathsFor(options);
  requireTerminal(`write ${paths.config} (config/hosts.example.yaml shows how) and run \`cockpit up\`; \`cockpit adopt HOST/SESSION --yes\` adopts sessions.`);
  const ending = new AbortController();
  const onInterrupt = () => { ending.abort(new Error('interrupted')); };
  // A prompt takes Ctrl-C by itself; this is for the time between two of them.
  process.on('SIGINT', onInterrupt);
  const written = { now: false };
  try {
    await runSetup(options, paths, written, ending.signal);
  } catch (error) {
    if (!ending.signal.aborted && !isCancelled(error)) throw error;
    throw new HumanError('setup-ended', written.now ? `Setup ended early; what you answered up to the last finished step is in ${paths.config}. \`cockpit setup\` goes on.` : 'Setup ended; nothing was written.', { cause: error });
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

async function runSetup(options: GlobalOptions, paths: Paths, written: { now: boolean }, signal: AbortSignal): Promise<void> {
  const before = await readConfig(paths);
  say(before === null ? `No configuration yet; it will be ${paths.config}.` : `Configuration: ${paths.config}`);
  const sshConfigFile = process.env['COCKPIT_SSH_CONFIG'];
  const aliases = await readSshAliases(sshConfigFile ? { userFile: sshConfigFile, systemFile: null } : {});
  const draft = await askAccounts(await askHosts(draftOf(before), aliases, signal), signal);
  let config = before;
  if (before === null || draft.changes.length > 0) {
    config = changeConfig(paths, draft.changes);
    written.now = true;
    say(`Wrote ${paths.config}.`);
  }
  for (const change of draft.changes) if (change.kind === 'remove-account') await forgetAccount(paths, change.key);
  for (const [key, password] of draft.passwords) {
    const place = await savePassword(paths, key, password);
    written.now = true;
    say(plain(`The password of ${key} is in ${place === 'keyring' ? 'the keyring' : paths.secrets}.`));
  }
  if (config === null || config.hosts.length === 0) {
    if (config !== null) await offerLogins(options, config, signal);
    say('No hosts yet; `cockpit setup` adds them.');
    return;
  }
  await reviewHosts(paths, config, written, signal);
  await offerLogins(options, config, signal);
  say('\nSetup is done. `cockpit up` shows the cockpit, `cockpit doctor` checks everything.');
}

/** The last question of setup; where no browser can be shown it names the command instead. */
async function offerLogins(options: GlobalOptions, config: Config, signal: AbortSignal): Promise<void> {
  const missing = await notLoggedIn(pathsFor(options), config.accounts);
  if (missing.length === 0) return;
  const command = 'cockpit login-accounts';
  if (!hasScreen(process.env)) {
    say(plain(`\nNot logged in yet: ${missing.join(', ')}. \`${command} --headless\` does it here; \`${command} --device --by-hand\` with a browser anywhere.`));
    return;
  }
  if (!(await confirm({ message: `Log ${missing.join(', ')} in now, in a browser?`, default: true }, { signal }))) return;
  await loginAccounts(options, [], {});
}

async function reviewHosts(paths: Paths, config: Config, written: { now: boolean }, signal: AbortSignal): Promise<void> {
  const { client, started } = await connectOrStart(paths);
  try {
    if (!started) await client.request('reload', { sshAuthSock: process.env['SSH_AUTH_SOCK'] ?? null }, { signal });
    say('Connecting to the hosts…');
    const views = await settledHosts(client, signal);
    for (const host of config.hosts) {
      const view = views.find(({ alias }) => alias === host.alias);
      if (!view) continue;
      const changes = await reviewHost({ client, agentModel: config.localAgentModel, signal }, host, view);
      if (changes.length === 0) continue;
      changeConfig(paths, changes);
      written.now = true;
      const { changed } = await client.request('reload', { sshAuthSock: null }, { signal });
      say(plain(`  ${changed.join(', ') || 'nothing changed'}`));
    }
    await explainWake(paths, client, signal);
  } finally {
    client.dispose();
  }
}

/** The switch of F5 outlives the configuration, so a person hears of it where the two differ. */
async function explainWake(paths: Paths, client: Awaited<ReturnType<typeof connectOrStart>>['client'], signal: AbortSignal): Promise<void> {
  const config = await readConfig(paths);
  const { hosts } = await client.request('status', {}, { signal });
  for (const { alias, wake } of config?.hosts ?? []) {
    const view = hosts.find((host) => host.alias === alias);
    if (view && view.wake !== wake) say(plain(`${alias}: wake is ${view.wake ? 'on' : 'off'} by its switch; F5 in the cockpit changes it.`));
  }
}

function isCancelled(error: unknown): boolean {
  return error instanceof Error && (error.name === 'ExitPromptError' || error.name === 'AbortPromptError');
}
