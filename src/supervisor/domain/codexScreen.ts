import { builtInMarkers, type Markers } from './markers.ts';

/** Cursor column and row, from 0. */
export type Cursor = { x: number; y: number };

/** Codex's composer: the line where it starts, what a person wrote into it ('' if nothing), and where its footer ends the screen. */
export type Composer = { first: number; text: string };

/** Lines of a screen without trailing blanks. */
export function screenLines(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trimEnd());
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The composer at the end of the screen, or null. Under it stand only indented lines, one of them a footer of Codex's or the cursor in its text. */
export function findComposer(lines: readonly string[], cursor: Cursor | null, markers: Markers = builtInMarkers): Composer | null {
  const first = lines.findLastIndex((line) => line !== '' && !line.startsWith('  '));
  if (first < 0 || !/^›(?: |$)/u.test(lines[first] ?? '')) return null;
  const below = lines.slice(first + 1);
  const lastBlank = below.lastIndexOf('');
  const footer = lastBlank < 0 ? [] : below.slice(lastBlank + 1);
  const body = [(lines[first] ?? '').slice(2), ...below.slice(0, Math.max(lastBlank, 0)).map((line) => line.slice(2))];
  const lastLine = first + body.length - 1;
  const cursorInside = cursor !== null && cursor.x >= 2 && cursor.y >= first && cursor.y <= lastLine;
  if (!footer.some((line) => markers.composerFooters.some((sign) => sign.test(line))) && !cursorInside) return null;
  const text = body.join('\n').trimEnd();
  const atStart = cursor === null || (cursor.x <= 2 && cursor.y === first);
  return { first, text: atStart && markers.placeholders.includes(text) ? '' : text };
}

/**
 * The head of the last cell of the transcript, on one line: what begins in column 0 behind a blank line or with one of Codex's bullets,
 * and goes on in column 0. Indented lines are a cell's content, which anybody can write.
 */
export function lastCell(lines: readonly string[]): string {
  // Notices about limits stand right-aligned above the composer and belong to no cell.
  const transcript = lines.filter((line) => !/^\s{12,}⚠ /u.test(line));
  const at = transcript.findLastIndex((line, index) => line !== '' && !line.startsWith(' ') && (startsCell.test(line) || (transcript[index - 1] ?? '') === ''));
  if (at < 0) return '';
  const end = transcript.findIndex((line, index) => index > at && !/^\S/u.test(line));
  return transcript.slice(at, end < 0 ? undefined : end).join(' ');
}
const startsCell = /^[•◦■✔✗›⚠]/u;
