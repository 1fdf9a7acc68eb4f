import type { Markers } from './markers.ts';
import { joinWrapped } from './wrappedLines.ts';

/** One answer to an approval: the key that picks it, its words, and whether it is the selected one. */
export type ApprovalOption = { key: string; label: string; selected: boolean };

/** A numbered menu at the end of a screen; `first` is the line of its first option. */
export type Menu = { first: number; options: ApprovalOption[] };

const optionLine = /^(\s{0,4})([›>❯] )?\s*(\d{1,2})\.\s+(\S.*)$/u;

/** The menu that ends the screen (trailing blank lines cut), or null: options 1 to n, exactly one selected, and a line of keys below. */
export function findMenu(lines: readonly string[], edge: number, markers: Markers): Menu | null {
  const last = lines.findLastIndex((line) => optionLine.test(line));
  return last < 0 || !footerFollows(lines, last, markers) ? null : menuAt(lines, last, edge);
}

function menuAt(lines: readonly string[], last: number, edge: number): Menu | null {
  const starts = optionStarts(lines, last);
  const options = starts.map((start, at) => readOption(lines.slice(start, starts[at + 1] ?? lines.length), edge));
  const [first] = starts;
  if (first === undefined || options.length < 2 || options.filter((option) => option.selected).length !== 1) return null;
  return { first, options };
}

/**
 * The menu at the end of a screen that is drawn as a box, as other agents do; the box's end takes the place of the line of keys. Comes with the lines
 * without the box.
 */
export function findBoxedMenu(lines: readonly string[], edge: number): { menu: Menu; lines: string[] } | null {
  const bottom = lines.findLastIndex((line) => /^\s{0,2}╰─+╯$/u.test(line));
  const top = lines.findLastIndex((line, at) => at < bottom && /^\s{0,2}╭─.*╮$/u.test(line));
  if (top < 0 || lines.length - bottom > 3) return null;
  const inside = lines.slice(top + 1, bottom).map((line) => line.replace(/^\s{0,2}│(.*)│$/u, '$1').trimEnd());
  while (inside.at(-1) === '') inside.pop();
  const menu = menuAt(inside, inside.findLastIndex((line) => optionLine.test(line)), edge);
  return menu ? { menu, lines: inside } : null;
}

/** Below the last option come lines that go on with it, deeper indented, and then only the line of keys. */
function footerFollows(lines: readonly string[], last: number, markers: Markers): boolean {
  const deep = labelColumn(lines[last] ?? '');
  let at = last + 1;
  while (indentOf(lines[at] ?? '') >= deep && (lines[at] ?? '') !== '') at += 1;
  // A list that is longer than the screen has an arrow below.
  const rest = lines.slice(at).filter((line) => !/^\s*[↓↑]?$/u.test(line));
  return rest.length >= 1 && rest.length <= 3 && rest.every((line) => line.startsWith(' ')) && markers.menuFooters.some((sign) => sign.test(rest.map((line) => line.trim()).join(' ')));
}

/** Lines of the options 1 to n that end at `last`; none unless they count up without a gap. */
function optionStarts(lines: readonly string[], last: number): number[] {
  const starts: number[] = [];
  let wanted = numberOf(lines[last] ?? '');
  for (let at = last; at >= 0; at -= 1) {
    const line = lines[at] ?? '';
    if (numberOf(line) === wanted) {
      starts.unshift(at);
      if (wanted === 1) return starts;
      wanted -= 1;
    } else if (line !== '' && indentOf(line) < 4) return [];
  }
  return [];
}

function readOption(lines: readonly string[], edge: number): ApprovalOption {
  const [start = '', ...rest] = lines;
  const [, , marker, key = '', words = ''] = optionLine.exec(start) ?? [];
  const end = rest.findIndex((line) => line === '' || indentOf(line) < labelColumn(start));
  const more = end < 0 ? rest : rest.slice(0, end);
  // A second column describes the option; only the first one is its label.
  const twoColumns = /^(.*?\S)\s{2,}\S/u.exec(words)?.[1];
  const indent = ' '.repeat(labelColumn(start));
  const label = twoColumns ?? joinWrapped([indent + words, ...more], edge, { hyphens: true })[0] ?? words;
  return { key, label, selected: marker !== undefined };
}

function numberOf(line: string): number {
  return Number(optionLine.exec(line)?.[3] ?? NaN);
}

function labelColumn(line: string): number {
  return line.search(/\d{1,2}\.\s/u) + (/\d{1,2}\.\s+/u.exec(line)?.[0].length ?? 0);
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
