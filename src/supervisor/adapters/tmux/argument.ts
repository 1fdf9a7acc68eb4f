import { isPaneId, isSessionId, isWindowId, type PaneId, type SessionId, type WindowId } from '../../domain/ids.ts';
import { TmuxError } from './command.ts';

/** What a command may aim at. `$3:.%7` is a pane as seen from its session, which matters for grouped sessions. */
export type Target = SessionId | WindowId | PaneId | `${SessionId}:.${PaneId}`;

/** A target as an argument, without quotes so that it can stand in a quoted branch. Throws unless it is made of ids alone. */
export function targetArgument(target: Target): string {
  const [session, pane, ...rest] = target.split(':.');
  const ok = pane === undefined ? isSessionId(target) || isWindowId(target) || isPaneId(target) : rest.length === 0 && isSessionId(session ?? '') && isPaneId(pane);
  if (!ok) throw new TmuxError('bad-command', `not a tmux id: ${JSON.stringify(target)}`);
  return escapeDollar(target);
}

/** A session as the target of a command that wants a pane or window (`$3:` is its active pane); the colon keeps it from being read as anything else. */
export function activePaneArgument(id: SessionId): string {
  return `${escapeDollar(checkSessionId(id))}:`;
}

/**
 * Commands as one argument of if-shell. A string is read only when it runs; with braces tmux reads both branches and copies all their
 * arguments, which makes a hex write twice as slow. Throws if the commands hold a single quote.
 */
export function branchArgument(commands: string[]): string {
  const branch = commands.join(' ; ');
  if (branch.includes("'")) throw new TmuxError('bad-command', 'a branch cannot hold a single quote');
  return `'${branch}'`;
}

/** The id itself, or a throw. */
export function checkSessionId(id: SessionId): SessionId {
  if (!isSessionId(id)) throw new TmuxError('bad-command', `not a session id: ${JSON.stringify(id)}`);
  return id;
}

/** Any bytes but NUL as one double-quoted argument: all that tmux's parser could read as something else becomes an octal escape (tmux 3.0 or newer). */
export function bytesArgument(bytes: Buffer): string {
  if (bytes.includes(0)) throw new TmuxError('bad-command', 'a tmux argument cannot hold NUL');
  return `"${bytes.toString('latin1').replace(unsafe, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`)}"`;
}
const unsafe = /[^A-Za-z0-9 _.,:;=+@/|!?&*()<>[\]{}-]/g;

/** Text as one quoted argument. */
export function textArgument(text: string): string {
  return bytesArgument(Buffer.from(text));
}

/** A format of ours as one quoted argument. Refuses `#(`, which would run a program, and `%`, which strftime would read. */
export function formatArgument(format: string): string {
  if (format.includes('#(') || format.includes('%')) throw new TmuxError('bad-command', `not allowed in a format: ${JSON.stringify(format)}`);
  return textArgument(format);
}

/** Text that may stand bare in a command or format (ids of installs, names of cockpits, marks). */
export function checkWord(what: string, word: string): string {
  if (!/^[A-Za-z0-9._@-]{1,64}$/.test(word)) throw new TmuxError('bad-command', `${what} may hold 1 to 64 of A-Z a-z 0-9 . _ @ - only: ${JSON.stringify(word)}`);
  return word;
}

/** A whole number that tmux may compare. */
export function checkNumber(what: string, value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw new TmuxError('bad-command', `${what} is not a whole number: ${value}`);
  return String(value);
}

function escapeDollar(id: string): string {
  return id.replace('$', '\\$');
}
