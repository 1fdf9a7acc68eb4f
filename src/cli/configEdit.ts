import { removeAccount, upsertAccount } from '../supervisor/adapters/configFile/accountEdits.ts';
import { editConfig } from '../supervisor/adapters/configFile/editConfig.ts';
import { removeHost, upsertHost } from '../supervisor/adapters/configFile/hostEdits.ts';
import { loadConfig } from '../supervisor/adapters/configFile/loadConfig.ts';
import { formatProblems } from '../supervisor/adapters/configFile/parseConfig.ts';
import { configRules, type RawAccount, type RawHost } from '../supervisor/adapters/configFile/rules.ts';
import { HumanError } from '../supervisor/base/errors.ts';
import type { Config, HostConfig } from '../supervisor/domain/config.ts';
import type { Paths } from '../supervisor/protocol/paths.ts';
import { ensurePrivateDir } from '../supervisor/protocol/privateDir.ts';

export type { Config, HostConfig };

/** One change that setup makes to `config.yaml`. */
export type ConfigChange = { kind: 'host'; host: RawHost } | { kind: 'remove-host'; alias: string } | { kind: 'account'; account: RawAccount } | { kind: 'remove-account'; key: string };

/** The configuration, or null where there is none yet. HumanError with every problem (exit code 2) if it is wrong. */
export async function readConfig(paths: Paths): Promise<Config | null> {
  const result = await loadConfig(paths.config);
  if (result.ok === true) return result.config;
  if (result.ok === 'missing') return null;
  throw new HumanError('config-wrong', `${paths.config} has mistakes; mend them first:\n${formatProblems(result.problems)}`, { exitCode: 2 });
}

/** Writes all changes at once, or none (HumanError 'config-wrong'); comments and order stay. Makes the data directory and the file where they are missing. */
export function changeConfig(paths: Paths, changes: readonly ConfigChange[]): Config {
  ensurePrivateDir(paths.dataDir);
  return editConfig(paths.config, (doc) => {
    for (const change of changes) {
      switch (change.kind) {
        case 'host':
          upsertHost(doc, change.host);
          break;
        case 'remove-host':
          removeHost(doc, change.alias);
          break;
        case 'account':
          upsertAccount(doc, change.account);
          break;
        case 'remove-account':
          removeAccount(doc, change.key);
          break;
      }
    }
  });
}

/** What is wrong with a host or an account that a person typed, or null. */
export function problemOf(entry: { host: RawHost } | { account: RawAccount }): string | null {
  const checked = configRules.safeParse('host' in entry ? { hosts: [entry.host] } : { accounts: [entry.account] });
  const message = checked.success ? undefined : checked.error.issues[0]?.message;
  return message === undefined ? null : `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
