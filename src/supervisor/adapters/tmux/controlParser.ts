import { CockpitError } from '../../base/errors.ts';
import type { Block } from './command.ts';
import { parseNotification, type TmuxNotification } from './notifications.ts';

/** `requested` is false for blocks that answer no line of this client (the attach itself, hooks). */
export type ControlEvent = { kind: 'block'; block: Block; requested: boolean } | { kind: 'notification'; notification: TmuxNotification };

/** No line or block that cockpit asks for is near this; what grows past it would fill the memory. */
export const maxAnswerBytes = 16 * 1024 * 1024;
/** What a line takes besides its text. */
const lineBytes = 16;

/** Memory that a block takes, roughly. */
export function sizeOf({ lines }: Block): number {
  return lines.reduce((sum, line) => sum + line.length + lineBytes, lineBytes);
}

/** Turns the bytes of a control client into blocks and notifications. Any bytes are accepted, in any chunks; throws `too-much-output` at a line or block of more than 16 MB. */
export class ControlParser {
  #rest = '';
  #open: { id: string; lines: string[]; bytes: number; requested: boolean } | null = null;

  push(chunk: Buffer): ControlEvent[] {
    if (this.#rest.length > maxAnswerBytes) throw tooMuch('a line');
    // A long line in many chunks is searched once, not once per chunk.
    if (!chunk.includes(0x0a)) {
      this.#rest += chunk.toString('latin1');
      return [];
    }
    const lines = (this.#rest + chunk.toString('latin1')).split('\n');
    this.#rest = lines.pop() ?? '';
    const events: ControlEvent[] = [];
    for (const line of lines) {
      const event = this.#line(line);
      if (event) events.push(event);
    }
    return events;
  }

  #line(line: string): ControlEvent | null {
    const guard = parseGuard(line);
    const open = this.#open;
    if (open) {
      // Text of a pane may look like the end of a block: only the time and number that opened it close it.
      if (guard && guard.word !== 'begin' && guard.id === open.id) {
        this.#open = null;
        return { kind: 'block', block: { ok: guard.word === 'end', lines: open.lines }, requested: open.requested };
      }
      open.bytes += line.length + lineBytes;
      if (open.bytes > maxAnswerBytes) throw tooMuch('an answer');
      open.lines.push(line);
      return null;
    }
    if (guard?.word === 'begin') {
      this.#open = { id: guard.id, lines: [], bytes: 0, requested: guard.requested };
      return null;
    }
    return { kind: 'notification', notification: parseNotification(line) };
  }
}

function tooMuch(what: string): CockpitError {
  return new CockpitError('too-much-output', `tmux sent ${what} of more than ${maxAnswerBytes} bytes`);
}

function parseGuard(line: string): { word: string; id: string; requested: boolean } | null {
  if (!line.startsWith('%')) return null;
  const match = /^%(begin|end|error) (\d+ \d+) (\d+)$/.exec(line);
  if (!match) return null;
  const [, word = '', id = '', flags = '0'] = match;
  return { word, id: `${id} ${flags}`, requested: (Number(flags) & 1) === 1 };
}
