import { LineCounter, parseDocument, visit } from 'yaml';
import { messageOf } from '../../base/errors.ts';
import type { ConfigProblem, Located } from './problems.ts';

/** Text as plain data, with what is needed to find positions in it; or what is wrong with it as YAML 1.2. */
export type ReadYaml = { ok: true; value: unknown; located: Located } | { ok: false; problems: ConfigProblem[] };

/** Reads a YAML file of the data directory; an empty one is an empty map. */
export function readYaml(text: string): ReadYaml {
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2', stringKeys: true, logLevel: 'error' });
  const located: Located = { doc, lines };
  const syntax = [...doc.errors, ...doc.warnings].map((error) => syntaxProblem(text, lines.linePos(error.pos[0]), error.message));
  if (syntax.length > 0) return { ok: false, problems: inOrder(syntax) };
  const data = toPlain(located, text);
  return data.ok ? { ok: true, value: data.value, located } : data;
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

/** Problems in the order of the file. */
export function inOrder(problems: ConfigProblem[]): ConfigProblem[] {
  return [...problems].sort((a, b) => a.line - b.line || a.col - b.col);
}
