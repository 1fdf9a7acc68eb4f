import { markerRules, markersWith, missingInMarkers, type Markers } from '../../domain/markers.ts';
import type { ConfigProblem } from './problems.ts';
import { positionOf, problemsOfIssue } from './problems.ts';
import { inOrder, readYaml } from './readYaml.ts';

/** A `markers.yaml` that was read: the signs in force with it, or every problem at once in the order of the file. */
export type ParsedMarkers = { ok: true; markers: Markers } | { ok: false; problems: ConfigProblem[] };

const signKeys = ['id', 'pattern', 'ignore_case', 'says', 'command', 'last_line', 'kind'];

/** Parses the operator's own signs of states (STATE-3) and puts them over the built-in ones. */
export function parseMarkers(text: string): ParsedMarkers {
  const yaml = readYaml(text);
  if (!yaml.ok) return yaml;
  const { located, value } = yaml;
  const checked = markerRules.safeParse(value);
  if (!checked.success) {
    const keysAt = (path: readonly PropertyKey[]) => (path.length === 0 ? Object.keys(markerRules.shape) : signKeys);
    return { ok: false, problems: inOrder(checked.error.issues.flatMap((issue) => problemsOfIssue(located, issue, keysAt))) };
  }
  const missing = missingInMarkers(checked.data).map(({ path, message }): ConfigProblem => ({ ...positionOf(located, path), message }));
  return missing.length > 0 ? { ok: false, problems: inOrder(missing) } : { ok: true, markers: markersWith(checked.data) };
}
