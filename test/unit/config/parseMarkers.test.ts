import assert from 'node:assert/strict';
import { formatProblems } from '../../../src/supervisor/adapters/configFile/parseConfig.ts';
import { parseMarkers } from '../../../src/supervisor/adapters/configFile/parseMarkers.ts';
import { builtInMarkers, type Markers } from '../../../src/supervisor/domain/markers.ts';
import { readPrompt } from '../../../src/supervisor/domain/promptReading.ts';
import { readState } from '../../../src/supervisor/domain/stateReading.ts';

const good = (text: string): Markers => {
  const parsed = parseMarkers(text);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.markers;
};
const wrong = (text: string): string => {
  const parsed = parseMarkers(text);
  assert.ok(!parsed.ok);
  return formatProblems(parsed.problems, 'markers.yaml');
};

describe('markers.yaml', () => {
  it('STATE-3 an empty file changes nothing', () => {
    assert.deepEqual(good('# nothing yet\n'), builtInMarkers);
    assert.match(builtInMarkers.version, /^\d{4}-\d\d-\d\d$/);
  });

  it('STATE-3 a new sign comes before the built-in ones; one with a known id takes its place, and null turns it off', () => {
    const markers = good(`version: mine
cells:
  - { id: resting, says: idle, pattern: '^■ Taking a break' }
  - { id: quota, says: error, pattern: '^■ Quota' }
  - { id: overload, pattern: null }
placeholders: ['Was soll Codex tun?']
`);
    assert.equal(markers.version, `${builtInMarkers.version} with mine`);
    assert.deepEqual(markers.cells.map(({ id }) => id), ['resting', ...builtInMarkers.cells.map(({ id }) => id).filter((id) => id !== 'overload')]);
    assert.equal(markers.cells.find(({ id }) => id === 'quota')?.says, 'error');
    const screen = (cell: string) => `${cell}\n\n› Was soll Codex tun?\n\n  fake · ~/x\n`;
    const state = (cell: string) => readState({ title: '', command: 'codex', screenText: screen(cell), online: true, atMs: 0, markers });
    assert.deepEqual([state('■ Taking a break now').state, state('■ Quota exceeded.').state], ['idle', 'error']);
    assert.equal(state('■ Selected model is at capacity').evidence[0]?.value, 'error: ■ Selected model is at capacity');
    assert.equal(readPrompt({ text: screen('• done'), command: 'codex' }, markers).promptText, '');
    assert.equal(readPrompt({ text: screen('• done'), command: 'codex' }).promptText, 'Was soll Codex tun?');
  });

  it('STATE-3 another agent is told by signs of its own', () => {
    const markers = good(`tails: [{ id: robo-busy, says: working, command: '^robo$', pattern: '^\\*\\*\\* busy' }]`);
    const state = (command: string) => readState({ title: '', command, screenText: 'hello\n*** busy with it', online: true, atMs: 0, markers }).state;
    assert.deepEqual([state('robo'), state('other')], ['working', 'unknown']);
  });

  it('STATE-3 a wrong file is refused with every mistake at its place', () => {
    const text = ["cells:", "  - { id: a, says: busy, pattern: 'x' }", "  - { id: b, says: idle, pattern: '(' }", '  - { id: c, says: idle, pattern: x, colour: red }', 'tiles: []', ''].join('\n');
    const words = wrong(text).split('\n');
    assert.match(words[0] ?? '', /^markers\.yaml:2:20: cells\[0\]\.says "busy" is not allowed: use one of working, needs-input/);
    assert.match(words[1] ?? '', /^markers\.yaml:3:35: cells\[1\]\.pattern "\(" is not allowed: use a regular expression that JavaScript can read/);
    assert.match(words[2] ?? '', /^markers\.yaml:4:\d+: "colour" is not a key in cells\[2\]: allowed are id, pattern/);
    assert.match(words[3] ?? '', /^markers\.yaml:5:1: "tiles" is not a key: allowed are .*titles.*\(did you mean titles\?\)/);
    assert.match(wrong("cells: [{ id: a, pattern: '^x' }]"), /^markers\.yaml:1:9: cells\[0\] lacks says/);
    assert.match(wrong('cells: ['), /^markers\.yaml:1:\d+: not valid YAML/);
  });
});
