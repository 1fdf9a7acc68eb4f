/**
 * Joins lines that a terminal program wrapped at `edge` (column behind the last that text may use): a line was wrapped if the next
 * one's first word had no room on it. The indentation that all lines share is dropped. An infinite edge joins nothing.
 * `hyphens`: the program parts words behind hyphens too.
 */
export function joinWrapped(lines: readonly string[], edge: number, options: { hyphens?: boolean } = {}): string[] {
  const indent = sharedIndent(lines);
  const joined: string[] = [];
  let last = '';
  for (const line of lines) {
    const text = line.slice(indent).trimEnd();
    const glue = text === '' || last === '' ? null : glueOf(last, line, edge, indent, options.hyphens ?? false);
    if (glue === null) joined.push(text);
    else joined.push((joined.pop() ?? '') + glue + text.trimStart());
    last = text === '' ? '' : line.trimEnd();
  }
  return joined;
}

/** What stood between two lines before they were wrapped; null if they are two lines. */
function glueOf(before: string, after: string, edge: number, indent: number, hyphens: boolean): '' | ' ' | null {
  const [head = ''] = after.trimStart().split(' ', 1);
  const tail = before.split(' ').at(-1) ?? '';
  if (before.length + 1 + head.length <= edge) return null;
  // A word that fits on no line was cut in its middle.
  const isCut = (before.length >= edge && tail.length + head.length > edge - indent) || (hyphens && /\w-$/u.test(tail));
  return isCut ? '' : ' ';
}

function sharedIndent(lines: readonly string[]): number {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  return indents.length === 0 ? 0 : Math.min(...indents);
}
