import { writeSync } from 'node:fs';

/**
 * Writes a line of the log to stderr. A line that cannot be written is lost: a full disk must stop neither the supervisor nor the person (OWN-8),
 * and a failed `process.stderr` would end the process and never write again.
 */
export function writeLogLine(line: string): void {
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // There is nowhere left to say it.
  }
}
