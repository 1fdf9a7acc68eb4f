import { readFileSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import type { Document } from 'yaml';
import { codeOf, HumanError } from '../../base/errors.ts';
import type { Config } from '../../domain/config.ts';
import { replaceFile } from '../replaceFile.ts';
import { initialConfigText } from './initialConfig.ts';
import { decodeConfig, notUtf8 } from './loadConfig.ts';
import { formatProblems, parseConfig } from './parseConfig.ts';
import type { ConfigProblem } from './problems.ts';

/** The parsed file that an edit changes; the helpers of hostEdits.ts and accountEdits.ts work on it. */
export type ConfigDocument = Document.Parsed;

/**
 * Changes `config.yaml` (made from the initial text if it is missing) and returns the new configuration. Atomic and 0600; comments and order stay (CONF-2).
 * Throws HumanError 'config-wrong' (exit code 2), with nothing changed, if the file does not load before or after the edit.
 */
export function editConfig(path: string, edit: (doc: ConfigDocument) => void): Config {
  // A link (to somebody's dotfiles) stays a link.
  const target = resolveLink(path);
  const before = readText(target);
  const parsed = parseConfig(before);
  if (!parsed.ok) throw wrong(`${basename(path)} has mistakes, so it was not changed`, path, parsed.problems);
  edit(parsed.located.doc);
  const after = stringify(parsed.located.doc, before);
  const checked = parseConfig(after);
  if (!checked.ok) throw wrong(`this change would not be a valid ${basename(path)}`, path, checked.problems);
  if (after !== before) replaceFile(target, after);
  return checked.config;
}

function stringify(doc: ConfigDocument, before: string): string {
  // Lines are never folded, and lists keep the indentation that the person uses.
  const indentSeq = !/^[\w-]+:[^\S\n]*(?:#.*)?\n(?:\s*(?:#.*)?\n)*- /m.test(before);
  return doc.toString({ lineWidth: 0, indentSeq });
}

function readText(path: string): string {
  try {
    const text = decodeConfig(readFileSync(path));
    if (text === null) throw wrong(`${basename(path)} was not changed`, path, [notUtf8]);
    return text;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return initialConfigText();
    throw error;
  }
}

function resolveLink(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return path;
    throw error;
  }
}

function wrong(what: string, path: string, problems: readonly ConfigProblem[]): HumanError {
  return new HumanError('config-wrong', `${what}:\n${formatProblems(problems, basename(path))}`, { exitCode: 2 });
}
