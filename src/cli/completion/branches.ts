import type { CommandModel, WordKind } from './commandModel.ts';

/** One `case` branch of a completion script: the state it matches, and what is offered there. */
export type Branch<T> = { key: string; offer: T };

/** `PATH:WORD` of every word that goes on to a subcommand, and the path that it leads to. */
export function steps(models: readonly CommandModel[]): Branch<string>[] {
  return models.flatMap(({ path, subcommands }) => subcommands.map(({ name }) => ({ key: `${path}:${name}`, offer: path === '' ? name : `${path} ${name}` })));
}

/** `PATH:OPTION` of every option that takes a value, and what the value is. */
export function optionValues(models: readonly CommandModel[]): Branch<WordKind>[] {
  return models.flatMap(({ path, options }) => options.flatMap(({ names, value }) => (value === null ? [] : names.map((name) => ({ key: `${path}:${name}`, offer: value })))));
}

/** `PATH:INDEX` (from 0) of every argument that something can be offered for. */
export function argumentWords(models: readonly CommandModel[]): Branch<WordKind>[] {
  return models.flatMap(({ path, args }) => args.flatMap((offer, index) => (offer.kind === 'free' ? [] : [{ key: `${path}:${index}`, offer }])));
}
