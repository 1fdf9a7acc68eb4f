import { loadConfig } from './adapters/configFile/loadConfig.ts';
import { formatProblems } from './adapters/configFile/parseConfig.ts';
import { HumanError, messageOf } from './base/errors.ts';
import type { Config } from './domain/config.ts';

/** Reads `config.yaml`. HumanError with every problem as `config.yaml:LINE:COL: …` (exit code 2) if it is wrong or missing (CONF-3). */
export async function requireConfig(path: string): Promise<Config> {
  const result = await loadConfig(path);
  if (result.ok === true) return result.config;
  if (result.ok === 'missing') throw new HumanError('no-config', `There is no ${path}. Run \`cockpit setup\`, or write it (config/hosts.example.yaml shows how).`, { exitCode: 2 });
  throw new HumanError('config-wrong', formatProblems(result.problems), { exitCode: 2 });
}

const refusedPrefix = 'config.yaml is wrong, so the last good configuration stays in force';

/** Reads `config.yaml` anew for a supervisor that runs. A wrong one is refused like by `requireConfig`, and `notices` says so until a good one comes (CONF-3). */
export async function keepGood(path: string, notices: string[]): Promise<Config> {
  const next = await requireConfig(path).then(
    (config) => ({ config, error: null }),
    (error: unknown) => ({ config: null, error }),
  );
  // Looked up only now: two may ask at once.
  const at = notices.findIndex((notice) => notice.startsWith(refusedPrefix));
  if (at >= 0) notices.splice(at, 1);
  if (next.config) return next.config;
  const problems = messageOf(next.error);
  notices.push(`${refusedPrefix}: ${problems.replaceAll('\n', '; ')}`);
  throw new HumanError('config-wrong', `${refusedPrefix}:\n${problems}`, { cause: next.error, exitCode: 2 });
}

/** Settings by the words of the file. */
const wordOf: Partial<Record<keyof Config, string>> = { pollIntervalMs: 'poll_interval', claimTimeoutMs: 'claim_timeout' };

function nameInFile(key: keyof Config): string {
  return wordOf[key] ?? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** One line for each difference that a person would call a change. */
export function describeChanges(before: Config, after: Config): string[] {
  const old = new Map(before.hosts.map((host) => [host.alias, JSON.stringify(host)]));
  const now = new Map(after.hosts.map((host) => [host.alias, JSON.stringify(host)]));
  const hosts = [
    ...[...now.keys()].filter((alias) => !old.has(alias)).map((alias) => `host ${alias} added`),
    ...[...old.keys()].filter((alias) => !now.has(alias)).map((alias) => `host ${alias} removed`),
    ...[...now].filter(([alias, text]) => old.has(alias) && old.get(alias) !== text).map(([alias]) => `host ${alias} changed`),
  ];
  const rest = (Object.keys(after) as (keyof Config)[]).filter((key) => key !== 'hosts' && JSON.stringify(before[key]) !== JSON.stringify(after[key]));
  return [...hosts, ...rest.map((key) => `${nameInFile(key)} changed`)];
}
