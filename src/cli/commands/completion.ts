import type { Command } from 'commander';
import { HumanError } from '../../supervisor/base/errors.ts';
import { bashScript } from '../completion/bash.ts';
import { commandModels } from '../completion/commandModel.ts';
import { fishScript } from '../completion/fish.ts';
import { zshScript } from '../completion/zsh.ts';
import { withClient } from '../client.ts';
import type { GlobalOptions } from '../context.ts';
import { say } from '../io.ts';

/** Shells that a completion script can be printed for. */
export const completionShells = ['bash', 'zsh', 'fish'] as const;
export type CompletionShell = (typeof completionShells)[number];

/** `cockpit completion SHELL`: a script made from the command tree (CTL-4). */
export function completion(program: Command, shell: CompletionShell): void {
  process.stdout.write(completionScript(program, shell));
}

/** The completion script of a shell. */
export function completionScript(program: Command, shell: CompletionShell): string {
  const models = commandModels(program);
  switch (shell) {
    case 'bash':
      return bashScript(models);
    case 'zsh':
      return zshScript(models);
    case 'fish':
      return fishScript(models);
  }
}

/** A name that a shell takes as it is; others are rare, and a person can still type them. */
const harmless = /^[\p{L}\p{N}_.,:@%+=-]+$/u;

/** `cockpit complete-sessions` (hidden): HOST/NAME lines, or host lines, of the running supervisor; nothing where none runs. */
export async function completeSessions(options: GlobalOptions, own: { hosts?: boolean }): Promise<void> {
  try {
    const { hosts } = await withClient(options, (client) => client.request('status', {}));
    for (const host of hosts.filter(({ alias }) => harmless.test(alias))) {
      if (own.hosts) say(host.alias);
      else for (const { name } of host.sessions) if (harmless.test(name)) say(`${host.alias}/${name}`);
    }
  } catch (error) {
    if (!(error instanceof HumanError)) throw error;
    // A person who presses Tab wants words or nothing.
  }
}
