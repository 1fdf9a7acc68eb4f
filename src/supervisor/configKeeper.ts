import { loadConfig } from './adapters/configFile/loadConfig.ts';
import { formatProblems } from './adapters/configFile/parseConfig.ts';
import { HumanError } from './base/errors.ts';
import type { Config } from './domain/config.ts';

/** Reads `config.yaml`. HumanError with every problem as `config.yaml:LINE:COL: …` (exit code 2) if it is wrong or missing (CONF-3). */
export async function requireConfig(path: string): Promise<Config> {
  const result = await loadConfig(path);
  if (result.ok === true) return result.config;
  if (result.ok === 'missing') throw new HumanError('no-config', `There is no ${path}. Run \`cockpit setup\`, or write it (config/hosts.example.yaml shows how).`, { exitCode: 2 });
  throw new HumanError('config-wrong', formatProblems(result.problems), { exitCode: 2 });
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
  return [...hosts, ...rest.map((key) => `${key} changed`)];
}
