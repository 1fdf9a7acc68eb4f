/** What a pane shows, as last read: plain text lines without escapes (joined by newline, trailing blanks cut). */
export type ScreenState = {
  text: string;
  title: string;
  command: string;
  /** Cursor column and row, from 0. */
  cursor: { x: number; y: number };
  /** Monotonic ms when it was read. */
  readAtMs: number;
  /** Monotonic ms of the last change of text that was not noise (spinners, timers). */
  changedAtMs: number;
  /** Counts settled changes; grows by one each time the screen settled on something new. */
  settledSeq: number;
};
