import { menuFooter } from './markers.ts';
import { joinWrapped } from './wrappedLines.ts';

/** One answer to an approval: the key that picks it, its words, and whether it is the selected one. */
export type ApprovalOption = { key: string; label: string; selected: boolean };

/** A numbered menu at the end of a screen; `first` is the line of its first option. */
export type Menu = { first: number; options: ApprovalOption[] };

const optionLine = /^(\s{0,4})([›>❯] )?\s*(\d{1,2})\.\s+(\S.*)$/u;

/** The menu that ends the screen (trailing blank lines cut), or null: options 1 to n, exactly one selected, and a line of keys below. */
export function findMenu(lines: readonly string[], edge: number): Menu | null {
  const last = lines.findLastIndex((line) => optionLine.test(line));
  if (last < 0 || !footerFollows(lines, last)) return null;
  const starts = optionStarts(lines, last);
  const options = starts.map((start, at) => readOption(lines.slice(start, starts[at + 1] ?? lines.length), edge));
  const [first] = starts;
  if (first === undefined || options.length < 2 || options.filter((option) => option.selected).length !== 1) return null;
  return { first, options };
}

/** Below the last option come lines that go on with it, deeper indented, and then only the line of keys. */
function footerFollows(lines: readonly string[], last: number): boolean {
  const deep = labelColumn(lines[last] ?? '');
  let at = last + 1;
  while (indentOf(lines[at] ?? '') >= deep && (lines[at] ?? '') !== '') at += 1;
  const rest = lines.slice(at).filter((line) => line.trim() !== '');
  return rest.length >= 1 && rest.length <= 3 && rest.every((line) => line.startsWith(' ')) && menuFooter.test(rest.map((line) => line.trim()).join(' '));
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
