import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { LineCounter, parseDocument, type Document } from 'yaml';
import { z } from 'zod';
import { codeOf, HumanError } from '../../base/errors.ts';
import { replaceFile } from '../replaceFile.ts';

const content = z.strictObject({ passwords: z.record(z.string(), z.string()).nullish() }).nullable();
const head = '# Passwords of accounts, written by `cockpit secret`. Keep this file to yourself (mode 0600).\n';

/** The passwords in `secrets.yaml` by account; empty where there is no file. HumanError if others can read it or it is no such file; the error quotes nothing of it. */
export function readSecrets(path: string): ReadonlyMap<string, string> {
  return passwordsOf(readDocument(path), path);
}

/** Sets the password of an account in `secrets.yaml` (null takes it out), atomically and 0600; comments stay. */
export function writeSecret(path: string, account: string, password: string | null): void {
  const doc = readDocument(path);
  if (passwordsOf(doc, path).get(account) === (password ?? undefined)) return;
  if (password === null) doc.deleteIn(['passwords', account]);
  else doc.setIn(['passwords', account], password);
  replaceFile(path, doc.toString({ lineWidth: 0 }));
}

function readDocument(path: string): Document.Parsed {
  const text = readText(path);
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false, version: '1.2', stringKeys: true, logLevel: 'error' });
  const [problem] = doc.errors;
  if (problem === undefined) return doc;
  const { line, col } = lines.linePos(problem.pos[0]);
  throw wrong(`${basename(path)}:${line}:${col}: not valid YAML: put the password between ' and '`);
}

function readText(path: string): string {
  try {
    if ((statSync(path).mode & 0o077) !== 0) throw wrong(`${path} is open to other users: change the passwords in it, then run \`chmod 600 '${path}'\`.`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return head;
    throw error;
  }
}

function passwordsOf(doc: Document.Parsed, path: string): ReadonlyMap<string, string> {
  const checked = content.safeParse(doc.toJS());
  if (!checked.success) throw wrong(`${path} is not as \`cockpit secret\` writes it: use \`passwords:\` and below it lines like \`  ACCOUNT: 'PASSWORD'\`.`);
  return new Map(Object.entries(checked.data?.passwords ?? {}));
}

function wrong(message: string): HumanError {
  return new HumanError('secrets-wrong', message, { exitCode: 2 });
}
