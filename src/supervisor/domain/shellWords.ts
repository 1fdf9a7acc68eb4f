/** One simple command of a shell text: its words as the program gets them, and the files that its output goes to. */
export type SimpleCommand = { words: string[]; redirects: string[]; /** One word begins with what stands for any name, and a file may be called like an option. */ isOpen: boolean };

const operators = /^(?:&&|\|\||;|\||&|\n)/;
const redirect = /^(?:\d?>>?\|?|&>>?)[ \t]*/;
const keywords = new Set(['if', 'then', 'else', 'elif', 'fi', 'for', 'while', 'until', 'do', 'done', 'case', 'esac', 'select', 'function', '{', '}', '!', '[[', 'eval', 'exec', 'source', '.', 'alias', 'trap', 'export', 'set', 'unset', 'coproc']);

/** The simple commands of a shell text that has nothing but words, quotes, redirections and lists; else what it has that is not understood. */
export function parseShell(text: string): SimpleCommand[] | string {
  const commands: SimpleCommand[] = [];
  let current: SimpleCommand = { words: [], redirects: [], isOpen: false };
  let rest = text.replaceAll('\\\n', '').trim();
  const end = () => {
    if (current.words.length > 0 || current.redirects.length > 0) commands.push(current);
    current = { words: [], redirects: [], isOpen: false };
  };
  while (rest !== '') {
    const blank = /^[ \t]+/.exec(rest)?.[0];
    if (blank !== undefined) {
      rest = rest.slice(blank.length);
      continue;
    }
    if (rest.startsWith('#')) {
      rest = rest.slice((/^[^\n]*/.exec(rest)?.[0] ?? '').length);
      continue;
    }
    const arrow = redirect.exec(rest)?.[0];
    if (arrow !== undefined) {
      const target = readWord(rest.slice(arrow.length).replace(/^&(?=\d)/, '\u0001'));
      if (typeof target === 'string') return target;
      current.redirects.push(target.word.replace('\u0001', '&'));
      rest = target.rest;
      continue;
    }
    const operator = operators.exec(rest)?.[0];
    if (operator !== undefined) {
      end();
      rest = rest.slice(operator.length);
      continue;
    }
    const next = readWord(rest);
    if (typeof next === 'string') return next;
    if (current.words.length === 0) {
      if (keywords.has(next.word)) return `the shell's ${next.word}`;
      if (/^\w+\+?=/u.test(next.word)) return 'a variable that is set for a command';
    }
    current.isOpen ||= /^[*?[{]/.test(rest);
    current.words.push(next.word);
    rest = next.rest;
  }
  end();
  return commands;
}

/** The word at the start of a text, or what it has that is not understood. */
function readWord(text: string): { word: string; rest: string } | string {
  let word = '';
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (/[\s;&|<>()]/u.test(char)) break;
    if (char === '$' || char === '`') return 'something that the shell fills in ($ or `)';
    if (char === "'" || char === '"') {
      const close = text.indexOf(char, at + 1);
      if (close < 0) return 'a quote without its end';
      const inside = text.slice(at + 1, close);
      if (char === '"' && /[$`\\!]/u.test(inside)) return 'something that the shell fills in ($ or `)';
      word += inside;
      at = close + 1;
    } else if (char === '\\') {
      word += text.charAt(at + 1);
      at += 2;
    } else {
      word += char;
      at += 1;
    }
  }
  if (at === 0) return `the shell's ${text.slice(0, 2).trim()}`;
  return { word, rest: text.slice(at) };
}
