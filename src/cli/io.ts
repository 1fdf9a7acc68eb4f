import { HumanError, messageOf } from '../supervisor/base/errors.ts';

/** Writes a line to stdout; text from a remote must have gone through `plain`. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a value as indented JSON to stdout. */
export function sayJson(value: unknown): void {
  say(JSON.stringify(value, null, 2));
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
