import type { Command, Option } from 'commander';

/** What can stand in one place of a command line. */
export type WordKind = { kind: 'choices'; words: readonly string[] } | { kind: 'sessions' | 'hosts' | 'folders' | 'free' };

/** One option; `value` is null for a flag. */
export type OptionModel = { names: string[]; description: string; value: WordKind | null };

/** One visible command, as completion sees it. `path` is '' for the program itself, else like `audit verify`. */
export type CommandModel = {
  path: string;
  subcommands: { name: string; description: string }[];
  options: OptionModel[];
  args: WordKind[];
};

/** Every visible command of the tree, the program itself first. */
export function commandModels(program: Command): CommandModel[] {
  return modelsBelow(program, '', []);
}

function modelsBelow(command: Command, path: string, inherited: readonly Option[]): CommandModel[] {
  const help = command.createHelp();
  const children = help.visibleCommands(command).filter((child) => child.name() !== 'help');
  const own = help.visibleOptions(command);
  // The options of the program work behind every command; --version and --help of a parent do not.
  const passedOn = [...inherited, ...command.options.filter((option) => path === '' && option.long !== '--version')];
  const known = new Set(own.map((option) => option.long));
  const model: CommandModel = {
    path,
    subcommands: children.map((child) => ({ name: child.name(), description: child.description() })),
    options: [...own, ...inherited.filter((option) => !known.has(option.long))].map(optionModel),
    args: command.registeredArguments.map((argument) => wordKind(argument.name(), argument.argChoices)),
  };
  return [model, ...children.flatMap((child) => modelsBelow(child, path === '' ? child.name() : `${path} ${child.name()}`, passedOn))];
}

function optionModel(option: Option): OptionModel {
  const names = [option.long, option.short].filter((name) => name !== undefined);
  const takesValue = option.required || option.optional;
  return { names, description: option.description, value: takesValue ? wordKind(option.long === '--data-dir' ? 'folder' : option.attributeName(), option.argChoices) : null };
}

function wordKind(name: string, choices: readonly string[] | undefined): WordKind {
  if (choices !== undefined) return { kind: 'choices', words: choices };
  switch (name) {
    case 'session':
      return { kind: 'sessions' };
    case 'host':
      return { kind: 'hosts' };
    case 'folder':
      return { kind: 'folders' };
    default:
      return { kind: 'free' };
  }
}
