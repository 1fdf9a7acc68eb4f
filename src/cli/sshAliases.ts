import { readFile, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { codeOf } from '../supervisor/base/errors.ts';

/** Where ssh reads its configuration; `userFile` and `home` are for `ssh -F` and tests. */
export type SshConfigPlaces = { home?: string; userFile?: string; systemFile?: string | null };

/** The aliases that a person can name after `ssh`: `Host` words without wildcard or negation, of the user's file and the system's with all that they include, in their order. */
export async function readSshAliases(places: SshConfigPlaces = {}): Promise<string[]> {
  const home = places.home ?? homedir();
  const { userFile = join(home, '.ssh', 'config'), systemFile = '/etc/ssh/ssh_config' } = places;
  const user = await aliasesOf(userFile, { home, base: join(home, '.ssh'), seen: new Set() });
  const system = systemFile === null ? [] : await aliasesOf(systemFile, { home, base: dirname(systemFile), seen: new Set() });
  return [...new Set([...user, ...system])];
}

/** `base` is what a relative Include is relative to; a file that was `seen` has told its aliases. */
type Context = { home: string; base: string; seen: Set<string> };

async function aliasesOf(file: string, context: Context): Promise<string[]> {
  if (context.seen.has(file)) return [];
  context.seen.add(file);
  const aliases: string[] = [];
  for (const line of (await readOrEmpty(file)).split('\n')) {
    const { keyword, words } = parseLine(line);
    if (keyword === 'host') aliases.push(...words.filter((word) => /^[^*?!\s-][^*?!\s]*$/.test(word)));
    if (keyword !== 'include') continue;
    for (const word of words) for (const path of await expand(absolute(word, context))) aliases.push(...(await aliasesOf(path, context)));
  }
  return aliases;
}

/** `Keyword words`, `Keyword=words`, with words in quotes if need be; keywords in small letters. */
function parseLine(line: string): { keyword: string; words: string[] } {
  const match = /^\s*([A-Za-z]\w*)(?:\s*=\s*|\s+)(.*)$/.exec(line);
  if (!match) return { keyword: '', words: [] };
  const [, keyword = '', rest = ''] = match;
  const words = Array.from(rest.matchAll(/"([^"]*)"|(#.*)|([^\s"]+)/g)).flatMap(([, quoted, comment, bare]) => (comment === undefined ? [quoted ?? bare ?? ''] : []));
  return { keyword: keyword.toLowerCase(), words };
}

function absolute(word: string, { home, base }: Context): string {
  if (word.startsWith('~/')) return join(home, word.slice(2));
  return word.startsWith('/') ? word : join(base, word);
}

/** The files that a path with `*`, `?` and `[…]` names, sorted as ssh takes them. */
async function expand(pattern: string): Promise<string[]> {
  let found = ['/'];
  for (const segment of pattern.split('/').filter((part) => part !== '')) {
    found = (await Promise.all(found.map((dir) => matchesIn(dir, segment)))).flat();
  }
  return found.sort();
}

async function matchesIn(dir: string, segment: string): Promise<string[]> {
  if (!/[*?[]/.test(segment)) return [join(dir, segment)];
  const pattern = new RegExp(`^${segment.replace(/[.+^${}()|\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.').replaceAll('[!', '[^')}$`);
  const names = await namesIn(dir);
  return names.filter((name) => pattern.test(name) && (segment.startsWith('.') || !name.startsWith('.'))).map((name) => join(dir, name));
}

async function namesIn(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (isAway(error)) return [];
    throw error;
  }
}

async function readOrEmpty(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isAway(error)) return '';
    throw error;
  }
}

/** Aliases are an offer: what is missing or closed to this person has none, and ssh itself complains where it matters. */
function isAway(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR'].includes(codeOf(error) ?? '');
}
