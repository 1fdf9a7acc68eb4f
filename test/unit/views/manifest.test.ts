import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { commandIds, contextKeys, keyCommands, needsViewId, viewId } from '../../../src/views/ids.ts';

const entry = z.object({ command: z.string() }).loose();
const manifest = z.object({
  main: z.string(),
  activationEvents: z.array(z.string()),
  extensionKind: z.array(z.string()),
  capabilities: z.object({ untrustedWorkspaces: z.object({ supported: z.unknown() }), virtualWorkspaces: z.unknown() }),
  contributes: z.object({
    commands: z.array(entry),
    menus: z.record(z.string(), z.array(entry)),
    keybindings: z.array(z.object({ command: z.string(), key: z.string(), when: z.string() })),
    views: z.record(z.string(), z.array(z.object({ id: z.string() }))),
    viewsWelcome: z.array(z.object({ when: z.string(), contents: z.string() })),
    configurationDefaults: z.record(z.string(), z.array(z.string())),
    configuration: z.object({ properties: z.record(z.string(), z.object({ scope: z.string(), markdownDescription: z.string() }).loose()) }),
  }),
});
const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
const { main, activationEvents, extensionKind, capabilities, contributes } = manifest.parse(JSON.parse(text));
const declared = contributes.commands.map(({ command }) => command).sort();

describe('package.json and the views', () => {
  it('VSC-2 VSC-4 declare the same commands, views and context keys', () => {
    assert.deepEqual(declared, Object.values(commandIds).sort());
    assert.deepEqual(Object.values(contributes.views).flat().map(({ id }) => id), [viewId, needsViewId]);
    const used = new Set(text.match(/\bcockpit\.(?:phase|terminal|sortedByNeed)\b/g));
    assert.deepEqual([...used].sort(), Object.values(contextKeys).sort());
  });

  it('VSC-4 every menu and link names a command, every key command has a key and skips the shell', () => {
    const known = new Set(declared);
    for (const { command } of Object.values(contributes.menus).flat()) assert.ok(known.has(command), command);
    for (const [, command = ''] of text.matchAll(/\(command:([\w.]+)\)/g)) assert.ok(known.has(command), command);
    assert.deepEqual(contributes.keybindings.map(({ command }) => command), [...keyCommands]);
    assert.deepEqual(contributes.configurationDefaults['terminal.integrated.commandsToSkipShell'], [...keyCommands]);
    for (const { key, when } of contributes.keybindings) assert.match(when, /config\.cockpit\.functionKeys/, key);
  });

  it('VSC-1 VSC-7 activates on nothing but its own, runs where the workspace is, and scopes what names a path to the machine', () => {
    assert.equal(main, './dist/extension.cjs');
    assert.deepEqual(activationEvents, ['onUri']);
    assert.deepEqual(extensionKind, ['workspace']);
    assert.ok(capabilities.untrustedWorkspaces.supported);
    assert.equal(contributes.configuration.properties['cockpit.dataDir']?.scope, 'machine');
  });

  it('VSC-2 the empty tree says what to do in every phase', () => {
    for (const phase of ['noConfig', 'starting', 'waiting', 'down', 'failed', 'running']) assert.ok(contributes.viewsWelcome.some(({ when }) => when.includes(`'${phase}'`)), phase);
  });
});
