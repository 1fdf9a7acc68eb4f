import { CockpitError } from '../../base/errors.ts';

/** One `%begin … %end|%error` answer; lines are latin1, one character per byte. */
export type Block = { ok: boolean; lines: string[] };

/**
 * A tmux command as data: one line for a control channel and how to read its answer.
 * `composite`: more than one block can come back (`;` or if-shell), so the channel adds a sentinel to find the end.
 */
export type TmuxCommand<T> = { line: string; composite: boolean; parse(blocks: Block[]): T };

export type TmuxErrorCode = 'no-server' | 'no-session' | 'no-tmux' | 'failed' | 'bad-command';

/** tmux refused or could not be reached; the message holds tmux's own words. */
export class TmuxError extends CockpitError {
  constructor(code: TmuxErrorCode, message: string, options?: { cause?: unknown }) {
    super(code, message, options);
    this.name = 'TmuxError';
  }
}

/** The code for an error message of tmux (stderr or an error block). */
export function tmuxErrorCode(message: string): TmuxErrorCode {
  if (/can't find (session|pane|window)|no such session/.test(message)) return 'no-session';
  if (/no server running on|^no sessions$|error connecting to .*\((No such file or directory|Connection refused)\)|lost server|server exited/.test(message)) return 'no-server';
  if (/tmux: (command )?not found|tmux: No such file/.test(message)) return 'no-tmux';
  return 'failed';
}

/** The lines of all blocks in order. Throws a `TmuxError` for the first block that failed. */
export function linesOf(blocks: Block[]): string[] {
  for (const block of blocks) throwIfFailed(block);
  return blocks.flatMap((block) => block.lines);
}

/** The bytes of latin1 lines as UTF-8 text. */
export function decodeUtf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

/** A command whose answer says nothing but that it worked. */
export function plainCommand(line: string): TmuxCommand<void> {
  return { line, composite: false, parse: (blocks) => void linesOf(blocks) };
}

/** Refuses a line that would end early (CR, LF, NUL) or detach the client (empty). */
export function checkLine(line: string): string {
  if (line === '' || /[\r\n\0]/.test(line)) throw new TmuxError('bad-command', 'a tmux command must be one non-empty line');
  return line;
}

function throwIfFailed(block: Block): void {
  if (block.ok) return;
  const message = decodeUtf8(block.lines.join(' '));
  throw new TmuxError(tmuxErrorCode(message), message);
}
