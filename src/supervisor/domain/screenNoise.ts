const spinner = /[⠁-⣿◐◓◑◒]/gu;
const busyLine = /\b(?:esc|ctrl\s?[+-]\s?c) to interrupt\b|^\s*[•◦·✱*]\s.*\((?:\d+[hms]\s?)+(?:[)\s]|$)/iu;
const duration = /\b\d+[hms](?:\s?\d+[ms])*\b/gu;
const clockTime = /\b\d{1,2}:\d{2}(?::\d{2})?\b/gu;

/** A screen without what moves by itself: spinner glyphs, timers and clocks of busy lines, trailing blanks. Two screens that differ by noise alone become equal (MCP-6). */
export function withoutNoise(text: string): string {
  const lines = text.split('\n').map(quietLine);
  while (lines.at(-1) === '') lines.pop();
  return lines.join('\n');
}

/** A pane title without its spinner frame and blinking mark. */
export function titleWithoutNoise(title: string): string {
  return title.replace(spinner, '⠿').replace(/^\[ [!.] \]/, '[ ! ]');
}

/** One line without noise. */
export function quietLine(line: string): string {
  const still = line.trimEnd().replace(spinner, '⠿');
  if (!busyLine.test(still)) return still;
  return still.replace(/^(\s*)[•◦·✱*](?=\s)/u, '$1•').replace(duration, '#s').replace(clockTime, '#:#').trimEnd();
}
