import type { Config } from '../../domain/config.ts';
import { fillDefaults } from './fillDefaults.ts';
import { problemsBetween, problemsOfIssue, type ConfigProblem, type Located } from './problems.ts';
import { inOrder, readYaml } from './readYaml.ts';
import { allowedKeys, configRules } from './rules.ts';

/** A `config.yaml` that was read: the configuration, or every problem at once in the order of the file. */
export type ParsedConfig = { ok: true; config: Config; located: Located } | { ok: false; problems: ConfigProblem[] };

/** Parses the text of a `config.yaml` (YAML 1.2) against the one schema (CONF-3). */
export function parseConfig(text: string): ParsedConfig {
  const yaml = readYaml(text);
  if (!yaml.ok) return yaml;
  const { located, value } = yaml;
  const checked = configRules.safeParse(value);
  if (!checked.success) return { ok: false, problems: inOrder(checked.error.issues.flatMap((issue) => problemsOfIssue(located, issue, allowedKeys))) };
  const between = problemsBetween(located, checked.data);
  return between.length > 0 ? { ok: false, problems: inOrder(between) } : { ok: true, config: fillDefaults(checked.data), located };
}

/** The problems as lines `config.yaml:LINE:COL: message`. */
export function formatProblems(problems: readonly ConfigProblem[], fileName = 'config.yaml'): string {
  return problems.map(({ line, col, message }) => `${fileName}:${line}:${col}: ${message}`).join('\n');
}
