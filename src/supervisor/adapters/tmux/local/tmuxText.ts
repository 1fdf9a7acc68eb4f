import { createHash } from 'node:crypto';
import { textArgument } from '../argument.ts';

/** Text without control characters (C0, C1, bidi overrides): each becomes a blank, so that no label can steer a terminal. */
export function plainText(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are exactly what must not reach the terminal
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, ' ');
}

/** Text for a place where tmux expands formats (window names, `-c`, status text): nothing in it is expanded or styled. */
export function escapeFormat(text: string): string {
  return plainText(text).replaceAll('#', '##');
}

/** A name of `[A-Za-z0-9_-]` only, different for different texts: other bytes become `=HH`. Safe as a tmux session name, target and option value. */
export function safeName(text: string): string {
  return Array.from(Buffer.from(text), (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9_-]/.test(char) ? char : `=${byte.toString(16).padStart(2, '0')}`;
  }).join('');
}

/** 16 hex digits that stand for a text. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** One tmux command: its name and arguments, unquoted. */
export type Words = readonly string[];

/** Commands as one line for tmux's own parser, joined by `;`. Arguments may hold any text. */
export function toCommandLine(commands: readonly Words[]): string {
  return commands.map(([name = '', ...args]) => [name, ...args.map(textArgument)].join(' ')).join(' ; ');
}

/** Commands as arguments of a `tmux` process; an argument that ends in `;` would end its command, so it is escaped. */
export function toArgv(commands: readonly Words[]): string[] {
  return commands.flatMap((words, index) => [...(index > 0 ? [';'] : []), ...words.map((word) => word.replace(/;$/, '\\;'))]);
}
