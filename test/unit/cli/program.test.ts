import assert from 'node:assert/strict';
import type { Command } from 'commander';
import { buildProgram } from '../../../src/cli/program.ts';
import { commandModels } from '../../../src/cli/completion/commandModel.ts';

const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];

describe('command tree', () => {
  it('CTL-4 every visible command has a description and a help with its options and the global ones', () => {
    for (const { path } of commandModels(buildProgram())) {
      const command = path.split(' ').reduce<Command>((parent, name) => parent.commands.find((child) => child.name() === name) ?? parent, buildProgram());
      const help = command.helpInformation();
      assert.ok(command.description().length > 10, path);
      for (const word of ['--help', '--data-dir', '--demo']) assert.ok(help.includes(word), `${path}: ${word}`);
    }
  });

  it('CTL-4 every option and choice of a visible command is described', () => {
    for (const { path, options } of commandModels(buildProgram())) for (const option of options) assert.ok(option.description !== '', `${path} ${option.names.join()}`);
  });

  it('CTL-1 has the commands of the contract', () => {
    const names = new Set(all(buildProgram()).map((command) => command.name()));
    for (const name of ['setup', 'up', 'down', 'status', 'doctor', 'ctl', 'new', 'open', 'attach', 'peek', 'scrollback', 'kill', 'adopt', 'release', 'explain', 'audit', 'verify', 'grant', 'mcp', 'demo', 'demo-clean', 'completion']) assert.ok(names.has(name), name);
  });
});
