/**
 * Joins lines that a terminal program wrapped at `edge` (column behind the last that text may use): a line was wrapped if the next
 * one's first word had no room on it. The indentation that all lines share is dropped. An infinite edge joins nothing.
 */
export function joinWrapped(lines: readonly string[], edge: number): string[] {
  const indent = sharedIndent(lines);
  const joined: string[] = [];
  let last = '';
  for (const line of lines) {
    const text = line.slice(indent).trimEnd();
    const glue = text === '' || last === '' ? null : glueOf(last, line, edge, indent);
    if (glue === null) joined.push(text);
    else joined.push((joined.pop() ?? '') + glue + text.trimStart());
    last = text === '' ? '' : line.trimEnd();
  }
  return joined;
}

/** What stood between two lines before they were wrapped; null if they were two lines, or where it cannot be told. */
function glueOf(before: string, after: string, edge: number, indent: number): '' | ' ' | null {
  const [head = ''] = after.trimStart().split(' ', 1);
  const tail = before.split(' ').at(-1) ?? '';
  const pieceOfHead = /^[^-/]*[-/]?/u.exec(head)?.[0] ?? head;
  if (before.length + pieceOfHead.length + 1 <= edge || !Number.isFinite(edge)) return null;
  // Words are also cut behind `-` and `/`; one that fits on no line surely was.
  if (tail.length + head.length > edge - indent) return '';
  return /[^\s/-][-/]$/u.test(tail) ? null : ' ';
}

function sharedIndent(lines: readonly string[]): number {
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length);
  return indents.length === 0 ? 0 : Math.min(...indents);
}
