import { keyCommands } from './ids.ts';

/** Key commands that a list of `commandsToSkipShell` hides from the terminal: all that it does not name, or names with a minus. */
export function missingKeyCommands(list: readonly string[]): string[] {
  return keyCommands.filter((id) => !list.includes(id));
}

/** The list with every key command in it. */
export function withKeyCommands(list: readonly string[]): string[] {
  const hidden = new Set(keyCommands.map((id) => `-${id}`));
  return [...list.filter((id) => !hidden.has(id)), ...missingKeyCommands(list)];
}
