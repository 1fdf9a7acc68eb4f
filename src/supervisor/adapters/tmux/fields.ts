import { randomBytes } from 'node:crypto';
import { decodeUtf8, TmuxError } from './command.ts';

/**
 * Reads tmux variables whose values may hold any byte (names, titles, options with newlines): they are parted by a random word,
 * which nobody who wrote a value can know.
 */
export type FieldReader<K extends string> = { format: string; parse(text: string): Record<K, string>[] };

/** A reader for the given variables, in the given order. `parse` takes latin1 text with one record or more and yields UTF-8. */
export function fieldReader<K extends string>(variables: readonly K[], word = randomWord()): FieldReader<K> {
  const start = `<${word}>`;
  const between = `|${word}|`;
  return {
    format: start + variables.map((name) => `#{${name}}${between}`).join(''),
    parse: (text) => text.split(start).slice(1).map((record) => parseRecord(variables, record.split(between))),
  };
}

/** A random word that is safe in any tmux format and shell word. */
export function randomWord(): string {
  return randomBytes(6).toString('hex');
}

/** A number as tmux prints it. Throws a `TmuxError` for anything else. */
export function numberField(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new TmuxError('failed', `tmux said ${JSON.stringify(text)} where a number was expected`);
  return Number(text);
}

function parseRecord<K extends string>(variables: readonly K[], values: string[]): Record<K, string> {
  if (values.length !== variables.length + 1) throw new TmuxError('failed', `tmux answered ${values.length - 1} of ${variables.length} fields`);
  return Object.fromEntries(variables.map((name, index) => [name, decodeUtf8(values[index] ?? '')])) as Record<K, string>;
}
