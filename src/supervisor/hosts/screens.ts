import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { HostFact } from '../domain/facts.ts';
import type { SessionId } from '../domain/ids.ts';
import { titleWithoutNoise } from '../domain/screenNoise.ts';
import type { ScreenState } from '../domain/screenState.ts';
import { maxWaitMs, observeScreen, settleNow, settlesAtMs, type Settling } from '../domain/settle.ts';
import type { ReadScreen } from './readScreen.ts';

/** A screen with the size of its pane. */
export type PaneScreen = ScreenState & { width: number; height: number };

/** What screens are kept with. */
export type ScreensDeps = {
  alias: string;
  clock: Clock;
  logger: Logger;
  read: (id: SessionId, historyLines: number) => Promise<ReadScreen>;
  emit: (fact: HostFact) => void;
  /** Something that changes with what a screen asks a person; null if it asks nothing. */
  asks?: (screen: ReadScreen) => string | null;
};

/** Shortest time between two reads of a screen that changes all the time. */
const readGapMs = 30;
/** So many touches within a second are a stream: its screen is read less often, but soon when it pauses. Below a title with a spinner something works, as a Codex that writes (some 16 touches). */
const streamTouches = 30;
const workingTouches = 8;
const streamGapMs = 600;
const pauseMs = 150;
/** Longest text of a fact, in lines. */
const maxFactLines = 200;

type Entry = {
  screen: PaneScreen | null;
  settling: Settling | null;
  isReading: boolean;
  readAgain: boolean;
  startedAtMs: number;
  /** Touches since `secondStartMs`, and whether the second before was a stream. */
  touches: number;
  secondStartMs: number;
  isStream: boolean;
  touchedAtMs: number;
  readTimer: Disposable | null;
  settleTimer: Disposable | null;
  /** What the screen asked when it was last read. */
  asked: string | null;
};

/** The screens of a host's sessions: reads them when something happened, at most one read per session under way, and tells when they settled. */
export class Screens implements Disposable {
  readonly #deps: ScreensDeps;
  readonly #entries = new Map<SessionId, Entry>();
  readonly #changed = new Emitter<SessionId>();
  readonly #settled = new Emitter<SessionId>();
  readonly onDidChange = this.#changed.event;
  readonly onDidSettle = this.#settled.event;

  constructor(deps: ScreensDeps) {
    this.#deps = deps;
  }

  get(id: SessionId): PaneScreen | null {
    return this.#entries.get(id)?.screen ?? null;
  }

  /** Reads the screen soon: at once, or when the gap since the last read is over; of a stream later, unless it is `urgent`. */
  touch(id: SessionId, isUrgent = false): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    const nowMs = this.#deps.clock.nowMs();
    const isStream = this.#countTouch(entry, nowMs) && !isUrgent;
    entry.touchedAtMs = nowMs;
    if (entry.isReading) {
      entry.readAgain = true;
      return;
    }
    // A stream that goes on puts the read off until its gap is over.
    if (entry.readTimer && !isUrgent && !isStream) return;
    entry.readTimer?.dispose();
    entry.readTimer = null;
    const waitMs = isStream ? Math.min(entry.startedAtMs + streamGapMs - nowMs, pauseMs) : entry.startedAtMs + readGapMs - nowMs;
    if (waitMs <= 0) {
      this.#readInBackground(id, entry);
      return;
    }
    entry.readTimer = this.#deps.clock.after(waitMs, () => {
      entry.readTimer = null;
      this.#readInBackground(id, entry);
    });
  }

  /** Whether the session streams. */
  #countTouch(entry: Entry, nowMs: number): boolean {
    const sinceMs = nowMs - entry.secondStartMs;
    if (sinceMs >= 1_000) {
      const title = entry.screen?.title ?? '';
      const least = titleWithoutNoise(title) === title ? streamTouches : workingTouches;
      entry.isStream = entry.touches >= least && sinceMs < 2_000;
      entry.touches = 0;
      entry.secondStartMs = nowMs;
    }
    entry.touches += 1;
    return entry.isStream;
  }

  /** Reads the screen now; with history it is not kept. */
  async capture(id: SessionId, historyLines: number): Promise<PaneScreen> {
    const entry = this.#entries.get(id);
    const read = await this.#deps.read(id, historyLines);
    if (historyLines > 0 || !entry || this.#entries.get(id) !== entry) return this.#screenOf(entry ?? null, read);
    return this.#take(id, entry, read, this.#deps.clock.nowMs());
  }

  /** Keeps exactly these sessions; the first read of new ones starts now. */
  keep(ids: SessionId[]): void {
    const kept = new Set(ids);
    for (const [id, entry] of this.#entries) if (!kept.has(id)) this.#drop(id, entry);
    for (const id of ids) {
      if (this.#entries.has(id)) continue;
      this.#entries.set(id, { screen: null, settling: null, isReading: false, readAgain: false, startedAtMs: -Infinity, touches: 0, secondStartMs: -Infinity, isStream: false, touchedAtMs: -Infinity, readTimer: null, settleTimer: null, asked: null });
      this.touch(id);
    }
  }

  /** Tells of every settled screen again: what is read from them may be another thing now. */
  tellAgain(): void {
    for (const [id, { settling, screen }] of this.#entries) if (screen && typeof settling?.settled === 'string') this.#emit(id, settling.settled, screen);
  }

  dispose(): void {
    this.keep([]);
    this.#changed.dispose();
    this.#settled.dispose();
  }

  #drop(id: SessionId, entry: Entry): void {
    this.#entries.delete(id);
    entry.readTimer?.dispose();
    entry.settleTimer?.dispose();
  }

  #readInBackground(id: SessionId, entry: Entry): void {
    entry.isReading = true;
    entry.startedAtMs = this.#deps.clock.nowMs();
    this.#deps
      .read(id, 0)
      .then(
        (read) => {
          if (this.#entries.get(id) === entry) this.#take(id, entry, read, entry.isStream ? entry.touchedAtMs : this.#deps.clock.nowMs());
        },
        (error: unknown) => {
          // The session or the link went away; the next listing tells which.
          this.#deps.logger.debug('a screen was not read', { session: id, error: messageOf(error) });
        },
      )
      .finally(() => {
        entry.isReading = false;
        if (!entry.readAgain || this.#entries.get(id) !== entry) return;
        entry.readAgain = false;
        this.touch(id);
      })
      .catch((error: unknown) => {
        this.#deps.logger.error('a screen was not taken in', { session: id, error: messageOf(error) });
      });
  }

  #screenOf(entry: Entry | null, read: ReadScreen): PaneScreen {
    const nowMs = this.#deps.clock.nowMs();
    return { ...read, readAtMs: nowMs, changedAtMs: entry?.screen?.changedAtMs ?? nowMs, settledSeq: entry?.screen?.settledSeq ?? 0 };
  }

  /** `changedAtMs`: when the last of what it shows was written, if it is new. */
  #take(id: SessionId, entry: Entry, read: ReadScreen, changedAtMs: number): PaneScreen {
    const old = entry.screen;
    const quietBefore = entry.settling?.quiet;
    const screen = this.#screenOf(entry, read);
    entry.settling = observeScreen(entry.settling, { text: read.text, width: read.width, height: read.height }, changedAtMs);
    if (entry.settling.quiet !== quietBefore) screen.changedAtMs = screen.readAtMs;
    entry.screen = screen;
    this.#settleLater(id, entry);
    const relabelled = old !== null && (titleWithoutNoise(old.title) !== titleWithoutNoise(read.title) || old.command !== read.command);
    const asked = this.#deps.asks?.(read) ?? null;
    // A question stands still from its first moment: nobody has to wait for the screen to settle.
    if (asked !== null && asked !== entry.asked) this.#emit(id, read.text, read);
    else if (relabelled && entry.settling.settled !== null) this.#emit(id, entry.settling.settled, read);
    entry.asked = asked;
    if (old === null || relabelled || old.text !== read.text || old.title !== read.title || old.cursor.x !== read.cursor.x || old.cursor.y !== read.cursor.y) this.#changed.fire(id);
    return entry.screen;
  }

  #settleLater(id: SessionId, entry: Entry): void {
    entry.settleTimer?.dispose();
    entry.settleTimer = null;
    const atMs = entry.settling && settlesAtMs(entry.settling);
    if (atMs === null) return;
    entry.settleTimer = this.#deps.clock.after(Math.max(0, atMs - this.#deps.clock.nowMs()), () => {
      this.#settle(id, entry);
    });
  }

  #settle(id: SessionId, entry: Entry): void {
    if (!entry.settling || !entry.screen) return;
    // Something was written since the last read: whether it settled shows with the next one.
    if (entry.readTimer && (entry.settling.pending?.sinceMs ?? 0) + maxWaitMs > this.#deps.clock.nowMs()) return;
    const { state, settled } = settleNow(entry.settling, this.#deps.clock.nowMs());
    entry.settling = state;
    // A timer may come a little early.
    this.#settleLater(id, entry);
    if (!settled) return;
    entry.screen = { ...entry.screen, settledSeq: entry.screen.settledSeq + 1 };
    this.#emit(id, settled.text, entry.screen);
    this.#settled.fire(id);
  }

  #emit(id: SessionId, text: string, { title, command, cursor, width }: Pick<ReadScreen, 'title' | 'command' | 'cursor' | 'width'>): void {
    const lines = text.split('\n');
    const y = cursor.y - Math.max(0, lines.length - maxFactLines);
    this.#deps.emit({ kind: 'screen', alias: this.#deps.alias, id, text: lines.slice(-maxFactLines).join('\n'), title, command, cursor: { x: cursor.x, y }, width });
  }
}
