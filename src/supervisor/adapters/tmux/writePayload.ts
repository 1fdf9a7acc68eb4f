import { CockpitError } from '../../base/errors.ts';
import { assertNever } from '../../base/assertNever.ts';
import { bytesArgument, formatArgument, textArgument } from './argument.ts';
import { randomWord } from './fields.ts';

/** What a guarded write does. A paste is bracketed if the program asked for that; keys are raw bytes. */
export type WritePayload =
  | { kind: 'keys'; /** 1 to 1024 bytes */ bytes: Buffer }
  | { kind: 'paste'; /** 1 to 61440 bytes */ bytes: Buffer }
  | { kind: 'clear-history' };

/** `guarded` runs inside the guard's branch; `before` and `after` run in any case, in the same line. */
export type WriteCommands = { before: string[]; guarded: string[]; after: string[] };

/** More arguments than this would meet the limits of tmux's parser and outgrow what one accept may hold. */
const maxKeysBytes = 1024;
const maxPasteBytes = 60 * 1024;

/** The commands that put a payload into a pane; `pane` is a target argument; no command holds a single quote. Throws a `CockpitError` (`bad-payload`) for a wrong size. */
export function writeCommands(pane: string, payload: WritePayload): WriteCommands {
  switch (payload.kind) {
    case 'keys':
      checkSize(payload.bytes, maxKeysBytes);
      return { before: [], guarded: keyCommands(pane, payload.bytes), after: [] };
    case 'paste':
      checkSize(payload.bytes, maxPasteBytes);
      return pasteCommands(pane, payload.bytes);
    case 'clear-history':
      return { before: [], guarded: [`clear-history -t ${pane}`], after: [] };
    default:
      return assertNever(payload);
  }
}

function pasteCommands(pane: string, bytes: Buffer): WriteCommands {
  // A buffer cannot take NUL from a command line.
  if (bytes.includes(0)) return { before: [], guarded: keyCommands(pane, bytes), after: [] };
  const buffer = `cockpit-${randomWord()}`;
  return {
    before: [`set-buffer -b ${buffer} -- ${bytesArgument(bytes)}`],
    guarded: [pasteCommand(pane, buffer)],
    // Outside the branch, so that the buffer goes after a refusal and after a failure too.
    after: [`delete-buffer -b ${buffer}`],
  };
}

/** tmux 3.7 rewrites control characters of a paste unless told -S, which older ones do not know; strings are parsed only when they run. */
function pasteCommand(pane: string, buffer: string): string {
  const paste = `-p -r -b ${buffer} -t ${pane}`;
  return `if-shell -F ${formatArgument(rewritesPastes)} ${textArgument(`paste-buffer -S ${paste}`)} ${textArgument(`paste-buffer ${paste}`)}`;
}

const rewritesPastes = '#{m/r:^(next-)?(3[.]([7-9]|[1-9][0-9])|[4-9]|[1-9][0-9]|master),#{version}}';

function keyCommands(pane: string, bytes: Buffer): string[] {
  const commands: string[] = [];
  for (let at = 0; at < bytes.length; at += maxKeysBytes) {
    const hex = bytes.subarray(at, at + maxKeysBytes).toString('hex').replace(/..(?!$)/g, '$& ');
    commands.push(`send-keys -t ${pane} -H ${hex}`);
  }
  return commands;
}

function checkSize(bytes: Buffer, max: number): void {
  if (bytes.length < 1 || bytes.length > max) throw new CockpitError('bad-payload', `one write takes 1 to ${max} bytes, not ${bytes.length}`);
}
