const letters: Record<string, number> = { n: 10, r: 13, t: 9, a: 7, b: 8, f: 12, v: 11, s: 32, '0': 0 };

/**
 * The text of a session name before tmux wrote `\\`, `\n` or `\033` for what is unusual in it (vis(3)). tmux does so with every name that it is given, so a name
 * that it told would come back with twice the backslashes.
 */
export function unescapeName(name: string): string {
  const parts = name.split(/(\\(?:[0-7]{3}|[\\nrtabfvs0]))/);
  return Buffer.concat(parts.map((part) => (part.startsWith('\\') && part.length > 1 ? Buffer.from([byteOf(part.slice(1))]) : Buffer.from(part)))).toString('utf8');
}

function byteOf(escape: string): number {
  if (escape === '\\') return 0x5c;
  return escape.length === 3 ? Number.parseInt(escape, 8) : (letters[escape] ?? 0);
}
