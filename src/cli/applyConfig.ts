import { HumanError } from '../supervisor/base/errors.ts';
import { withClient } from './client.ts';
import { changeConfig, type Config, type ConfigChange } from './configEdit.ts';
import { pathsFor, type GlobalOptions } from './context.ts';

/** Writes the changes into `config.yaml` and has a supervisor that runs take them up; without one they count from the next start on. */
export async function applyConfig(options: GlobalOptions, changes: readonly ConfigChange[]): Promise<Config> {
  const config = changeConfig(pathsFor(options), changes);
  await tellSupervisor(options);
  return config;
}

/** Has a supervisor that runs look at its configuration and logins again. */
export async function tellSupervisor(options: GlobalOptions): Promise<void> {
  try {
    await withClient(options, (client) => client.request('reload', { sshAuthSock: null }));
  } catch (error) {
    if (!(error instanceof HumanError && error.exitCode === 3)) throw error;
  }
}
