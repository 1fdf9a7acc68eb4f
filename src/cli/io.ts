import { HumanError, messageOf } from '../supervisor/base/errors.ts';

/** Writes a line to stdout; text from a remote must have gone through `plain`. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a value as JSON to stdout, indented unless it is one line of many. */
export function sayJson(value: unknown, indent = 2): void {
  const escape = (char: string) => Array.from({ length: char.length }, (_, at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
  // JSON lets C1, bidi and other invisible characters stand as they are, and a person may well look at it in a terminal.
  say(JSON.stringify(value, null, indent).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => (char === '\n' ? char : escape(char))));
}

/** Text of a remote made safe for a terminal: control characters become visible escapes, so that no sequence takes effect. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => (char === '\n' || char === '\t' ? char : `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`));
}

/** Tells a person what went wrong; returns the exit code. */
export function reportError(error: unknown): number {
  if (error instanceof HumanError) {
    process.stderr.write(`cockpit: ${plain(error.message)}\n`);
    return error.exitCode;
  }
  process.stderr.write(`cockpit: ${plain(messageOf(error))}\n`);
  if (process.env['COCKPIT_DEBUG'] && error instanceof Error) process.stderr.write(`${plain(error.stack ?? '')}\n`);
  return 1;
}
