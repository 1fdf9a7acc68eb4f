import { createHash } from 'node:crypto';
import type { ActionView } from '../../../src/supervisor/protocol/api.ts';
import type { WatchedSession } from './arena.ts';
import { parseLog } from './paneLog.ts';
import type { Sent } from './writers.ts';

/** Compares, step by step, what agents were told, what the audits of both cockpits hold, and what came out at the panes. */
export class Ledger {
  readonly #ids: Record<'a' | 'b', string>;
  readonly #at = new Map<string, { offset: number; owners: string[] }>();
  /** Everything that was ever sent, audited and seen: what a killed supervisor had handed to ssh may come late. */
  readonly #sent = new Map<number, Sent>();
  readonly #rows = new Map<string, ActionView[]>();
  readonly #landed = new Map<number, number>();
  /** The last audit row of each that was looked at. */
  readonly seq = { a: 0, b: 0 };

  constructor(ids: Record<'a' | 'b', string>) {
    this.#ids = ids;
  }

  /** Owners of a session so far: the epoch is how many there were. */
  owners(session: WatchedSession): readonly string[] {
    return this.#at.get(session.name)?.owners ?? [];
  }

  /** Everything that is wrong since the last step; nothing may be under way. */
  async step(sessions: WatchedSession[], sent: Sent[], audits: Record<'a' | 'b', ActionView[]>): Promise<string[]> {
    const found: string[] = [];
    for (const one of sent) this.#sent.set(one.id, one);
    for (const from of ['a', 'b'] as const) {
      for (const row of audits[from]) {
        if (row.seq <= this.seq[from] || row.tool !== 'send_text') continue;
        const key = `${from} ${shaOf(row)}`;
        this.#rows.set(key, [...(this.#rows.get(key) ?? []), row]);
      }
      this.seq[from] = Math.max(this.seq[from], ...audits[from].map((row) => row.seq));
    }
    for (const session of sessions) found.push(...(await this.#read(session)));
    for (const one of sent) found.push(...told(one, this.#rows.get(keyOf(one)) ?? [], this.#landed.get(one.id) ?? 0));
    return found;
  }

  async #read(session: WatchedSession): Promise<string[]> {
    const found: string[] = [];
    const at = this.#at.get(session.name) ?? { offset: 0, owners: [] };
    this.#at.set(session.name, at);
    const log = await session.read();
    for (const frame of parseLog(log.subarray(at.offset), false)) {
      const owner = at.owners.at(-1) ?? '';
      const wrong = (what: string) => found.push(`${session.name}, epoch ${at.owners.length} of ${owner}: ${what}`);
      if (frame.kind === 'mark') {
        if (frame.text.startsWith('own:')) at.owners.push(frame.text.slice(4));
        if (frame.text === 'enter' && !owner.startsWith('agent:')) wrong('an Enter of an agent');
        continue;
      }
      const times = (this.#landed.get(frame.id) ?? 0) + 1;
      this.#landed.set(frame.id, times);
      const one = this.#sent.get(frame.id);
      if (!one) wrong(`text ${frame.id}, which nobody sent`);
      else {
        if (times > 1) wrong(`text ${one.id} for the ${times}. time`);
        const epoch = this.#rows.get(keyOf(one))?.[0]?.epoch;
        if (one.session !== session) wrong(`text ${one.id}, meant for ${one.session.name}`);
        if (owner !== `agent:${this.#ids[one.from]}`) wrong(`text ${one.id} of an agent of ${one.from}`);
        if (epoch !== at.owners.length) wrong(`text ${one.id} with epoch ${String(epoch)}`);
        if (!frame.bytes.equals(bodyOf(one.text))) wrong(`text ${one.id} came with other bytes`);
      }
    }
    at.offset = log.length;
    return found;
  }
}

function told(one: Sent, rows: ActionView[], times: number): string[] {
  const found: string[] = [];
  const wrong = (what: string) => found.push(`text ${one.id} of ${one.from} (told ${one.outcome} ${one.reason ?? ''}): ${what}`);
  const [row] = rows;
  if (rows.length > 1) wrong(`${rows.length} audit rows`);
  if (times > 0 && !row) wrong('is there without an audit row');
  if (row && row.outcome === null) wrong('its audit row has no outcome');
  if (row && one.outcome !== 'unknown' && row.outcome !== one.outcome) wrong(`its audit row says ${String(row.outcome)}`);
  const outcome = row?.outcome ?? one.outcome;
  if ((outcome === 'accepted' || outcome === 'partial') && times !== 1) wrong('is lost');
  if (outcome === 'refused' && times > 0) wrong('is there all the same');
  if (one.blind && one.outcome === 'accepted') wrong('nobody had looked since the supervisor started');
  return found;
}

const keyOf = (one: Sent): string => `${one.from} ${createHash('sha256').update(one.text).digest('hex')}`;
const shaOf = (row: ActionView): string => (JSON.parse(row.detail) as { sha256?: string }).sha256 ?? '';
const bodyOf = (text: string): Buffer => Buffer.from(text.slice(text.indexOf(':', text.indexOf(':') + 1) + 1, -1));
