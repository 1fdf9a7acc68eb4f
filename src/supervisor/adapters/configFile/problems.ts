import { isMap, isNode, isPair, isScalar, isSeq, type Document, type LineCounter } from 'yaml';
import type { z } from 'zod';
import { nearest } from '../../domain/nearest.ts';
import type { RawConfig } from './rules.ts';

/** One mistake in `config.yaml`: where (both count from 1), what is wrong and what is allowed. */
export type ConfigProblem = { line: number; col: number; message: string };

/** A document with what is needed to find positions in it. */
export type Located = { doc: Document.Parsed; lines: LineCounter };

type Path = readonly PropertyKey[];
/** The keys that the map at a path may have. */
type KeysAt = (path: Path) => string[];

/** Where and what an issue of the schema is; an unknown key gives one problem each. */
export function problemsOfIssue(located: Located, issue: z.core.$ZodIssue, keysAt: KeysAt): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(located, issue.path, key, keysAt(issue.path)));
  const value = valueAt(located.doc, issue.path);
  if (value === undefined && issue.path.length > 0) {
    return [{ ...positionOf(located, issue.path.slice(0, -1)), message: `${nameOf(issue.path)} is missing: ${issue.message}` }];
  }
  const near = issue.code === 'invalid_value' && typeof value === 'string' ? nearest(value, issue.values.map(String)) : null;
  const what = [nameOf(issue.path), ...(isSecret(issue.path) ? [] : [shown(value)])].join(' ');
  return [{ ...positionOf(located, issue.path), message: `${what} is not allowed: ${issue.message}${hint(near)}` }];
}

/** What the schema cannot see: names given twice, and keys that need each other. */
export function problemsBetween(located: Located, raw: RawConfig): ConfigProblem[] {
  const hosts = raw.hosts ?? [];
  const unplaced = hosts.flatMap((host, index) =>
    host.transport === 'local' && (host.tmux_socket ?? null) === null
      ? [{ ...positionOf(located, ['hosts', index, 'transport']), message: `hosts[${index}].transport "local" needs tmux_socket: add the name or path of the local tmux server` }]
      : [],
  );
  return [
    ...repeated(located, hosts.map((host) => host.alias), (index) => ['hosts', index, 'alias']),
    ...repeated(located, (raw.accounts ?? []).map((account) => account.key), (index) => ['accounts', index, 'key']),
    ...unplaced,
  ];
}

function repeated(located: Located, names: string[], pathOf: (index: number) => Path): ConfigProblem[] {
  return names.flatMap((name, index) =>
    names.indexOf(name) < index ? [{ ...positionOf(located, pathOf(index)), message: `${nameOf(pathOf(index))} ${shown(name)} is used twice: each needs its own` }] : [],
  );
}

function unknownKey(located: Located, path: Path, key: string, allowed: string[]): ConfigProblem {
  const where = path.length === 0 ? '' : ` in ${nameOf(path)}`;
  return { ...positionOf(located, [...path, key], true), message: `${shown(key)} is not a key${where}: allowed are ${allowed.join(', ')}${hint(nearest(key, allowed))}` };
}

/** Values of these keys must not get into an error (CONF-6): a password, or whatever a person put into Codex's configuration. */
function isSecret(path: Path): boolean {
  return path.includes('password') || path.includes('codex_config');
}

function hint(near: string | null): string {
  return near === null ? '' : ` (did you mean ${near}?)`;
}

function nameOf(path: Path): string {
  if (path.length === 0) return 'the file';
  return path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('').replace(/^\./, '');
}

function shown(value: unknown): string {
  const json = JSON.stringify(value);
  return json.length <= 60 ? json : `${json.slice(0, 57)}…`;
}

function valueAt(doc: Document.Parsed, path: Path): unknown {
  let value: unknown = doc.toJS();
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

/** Position of the value at `path`, of its key where it is empty or asked for, or of the nearest thing around it. */
export function positionOf(located: Located, path: Path, ofKey = false): { line: number; col: number } {
  let node: unknown = located.doc.contents;
  let offset = startOf(node) ?? 0;
  path.forEach((part, depth) => {
    const isLast = depth === path.length - 1;
    const pair = isMap(node) ? node.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === part) : undefined;
    node = pair ? pair.value : isSeq(node) && typeof part === 'number' ? node.items[part] : undefined;
    const isEmpty = isScalar(node) && node.range?.[0] === node.range?.[1];
    offset = (pair && ((isLast && ofKey) || isEmpty || !isNode(node)) ? startOf(pair.key) : startOf(node)) ?? offset;
  });
  const { line, col } = located.lines.linePos(offset);
  return { line: Math.max(line, 1), col: Math.max(col, 1) };
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
