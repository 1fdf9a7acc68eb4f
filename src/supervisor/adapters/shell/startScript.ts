import { randomBytes } from 'node:crypto';
import { PassThrough, type Readable } from 'node:stream';
import type { RawProcess } from './rawProcess.ts';

/** What a login shell may print before our script runs. */
const maxNoiseBytes = 1024 * 1024;

/** How a start ended. `pid` is the remote `sh`, which the script's last `exec` keeps. */
export type StartOutcome = { kind: 'started'; pid: number; stdout: Readable } | { kind: 'ended' } | { kind: 'too-noisy' };

/**
 * Hands `script` to a raw `sh` and waits until it runs.
 * The script travels as one `{ … }` list, so sh has read all of it before it prints the marker, and the rest of stdin belongs to the script alone;
 * `exit` keeps sh from reading that rest as commands. Only printf makes the marker's newline, so an echo of the script is not taken for it.
 * With `endInput` stdin ends behind the script at once.
 */
export function startScript(raw: RawProcess, script: string, options: { prelude: string; endInput: boolean }): Promise<StartOutcome> {
  const marker = randomBytes(16).toString('hex');
  const text = `{\n${options.prelude}printf '\\n${marker} %s\\n' "$$"\n${script}\nexit\n}\n`;
  const outcome = awaitMarker(raw, `\n${marker} `);
  if (options.endInput) raw.stdin.end(text);
  else raw.stdin.write(text);
  return outcome;
}

function awaitMarker(raw: RawProcess, marker: string): Promise<StartOutcome> {
  return new Promise((resolve) => {
    let seen: Buffer = Buffer.alloc(0);
    let settled = false;
    const settle = (outcome: StartOutcome) => {
      settled = true;
      raw.stdout.off('data', onData);
      resolve(outcome);
    };
    const onData = (chunk: Buffer) => {
      seen = Buffer.concat([seen, chunk]);
      const at = seen.indexOf(marker);
      const end = at < 0 ? -1 : seen.indexOf('\n', at + marker.length);
      if (end >= 0) {
        const pid = Number(seen.toString('latin1', at + marker.length, end));
        settle({ kind: 'started', pid, stdout: handOver(raw, seen.subarray(end + 1)) });
      } else if (seen.length > maxNoiseBytes) {
        raw.stdout.resume();
        settle({ kind: 'too-noisy' });
      }
    };
    raw.stdout.on('data', onData);
    void raw.exited.then(() => {
      if (!settled) settle({ kind: 'ended' });
    });
  });
}

/** A stream of its own keeps what arrives until somebody reads it; a child's stdout would drop it when the child ends. */
function handOver(raw: RawProcess, first: Buffer): Readable {
  const stdout = new PassThrough();
  if (first.length > 0) stdout.write(first);
  raw.stdout.pipe(stdout);
  void raw.exited.then(() => stdout.end()); // a killed process has no 'end'
  return stdout;
}
