import type { Block } from './command.ts';
import { parseNotification, type TmuxNotification } from './notifications.ts';

/** `requested` is false for blocks that answer no line of this client (the attach itself, hooks). */
export type ControlEvent = { kind: 'block'; block: Block; requested: boolean } | { kind: 'notification'; notification: TmuxNotification };

/** Turns the bytes of a control client into blocks and notifications. Any bytes are accepted, in any chunks. */
export class ControlParser {
  #rest = '';
  #open: { id: string; lines: string[]; requested: boolean } | null = null;

  push(chunk: Buffer): ControlEvent[] {
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
      open.lines.push(line);
      return null;
    }
    if (guard?.word === 'begin') {
      this.#open = { id: guard.id, lines: [], requested: guard.requested };
      return null;
    }
    return { kind: 'notification', notification: parseNotification(line) };
  }
}

function parseGuard(line: string): { word: string; id: string; requested: boolean } | null {
  if (!line.startsWith('%')) return null;
  const match = /^%(begin|end|error) (\d+ \d+) (\d+)$/.exec(line);
  if (!match) return null;
  const [, word = '', id = '', flags = '0'] = match;
  return { word, id: `${id} ${flags}`, requested: (Number(flags) & 1) === 1 };
}
