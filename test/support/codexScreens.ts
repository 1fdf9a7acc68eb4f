import { readdirSync, readFileSync } from 'node:fs';

const folder = new URL('../fixtures/codex-screens/', import.meta.url);

/** Names of the recorded Codex screens. */
export function codexScreenNames(): string[] {
  return readdirSync(folder).map((name) => name.replace(/\.txt$/, '')).sort();
}

/** A recorded Codex screen as tmux captured it. */
export function codexScreen(name: string): string {
  return readFileSync(new URL(`${name}.txt`, folder), 'utf8');
}
