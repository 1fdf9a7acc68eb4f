import { LineCounter, parseDocument, visit } from 'yaml';
import { messageOf } from '../../base/errors.ts';
import type { Config } from '../../domain/config.ts';
import { fillDefaults } from './fillDefaults.ts';
import { problemsBetween, problemsOfIssue, type ConfigProblem, type Located } from './problems.ts';
import { configRules } from './rules.ts';

/** A `config.yaml` that was read: the configuration, or every problem at once in the order of the file. */
export type ParsedConfig = { ok: true; config: Config; located: Located } | { ok: false; problems: ConfigProblem[] };

/** Parses the text of a `config.yaml` (YAML 1.2) against the one schema (CONF-3). */
export function parseConfig(text: string): ParsedConfig {
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2', stringKeys: true, logLevel: 'error' });
  const located: Located = { doc, lines };
  const syntax = [...doc.errors, ...doc.warnings].map((error) => syntaxProblem(text, lines.linePos(error.pos[0]), error.message));
  if (syntax.length > 0) return { ok: false, problems: inOrder(syntax) };
  const data = toPlain(located, text);
  if (!data.ok) return data;
  const checked = configRules.safeParse(data.value);
  if (!checked.success) return { ok: false, problems: inOrder(checked.error.issues.flatMap((issue) => problemsOfIssue(located, issue))) };
  const between = problemsBetween(located, checked.data);
  return between.length > 0 ? { ok: false, problems: inOrder(between) } : { ok: true, config: fillDefaults(checked.data), located };
}

/** The problems as lines `config.yaml:LINE:COL: message`. */
export function formatProblems(problems: readonly ConfigProblem[], fileName = 'config.yaml'): string {
  return problems.map(({ line, col, message }) => `${fileName}:${line}:${col}: ${message}`).join('\n');
}

function syntaxProblem(text: string, position: { line: number; col: number }, message: string): ConfigProblem {
  // The parser's message can quote the value, and a password must not get into an error (CONF-6).
  const isSecret = /password/.test(text.split('\n')[position.line - 1] ?? '');
  return { line: Math.max(position.line, 1), col: Math.max(position.col, 1), message: isSecret ? "not valid YAML: put the password between ' and '" : `not valid YAML: ${message}` };
}

function toPlain(located: Located, text: string): { ok: true; value: unknown } | { ok: false; problems: ConfigProblem[] } {
  try {
    // A file with nothing in it but comments is a configuration of defaults.
    return { ok: true, value: (located.doc.toJS() as unknown) ?? {} };
  } catch (error) {
    const position = located.lines.linePos(offsetOfBadAlias(located) ?? 0);
    return { ok: false, problems: [syntaxProblem(text, position, messageOf(error))] };
  }
}

function offsetOfBadAlias({ doc }: Located): number | undefined {
  let offset: number | undefined;
  visit(doc, {
    Alias(_, alias) {
      if (alias.resolve(doc) !== undefined) return undefined;
      offset = alias.range?.[0];
      return visit.BREAK;
    },
  });
  return offset;
}

function inOrder(problems: ConfigProblem[]): ConfigProblem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.col - b.col);
}
