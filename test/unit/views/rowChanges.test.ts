import assert from 'node:assert/strict';
import { changesBetween } from '../../../src/views/rowChanges.ts';
import type { Row } from '../../../src/views/treeItems.ts';

const row = (id: string, description = '', children: Row[] = []): Row => ({
  id, kind: children.length > 0 ? 'host' : 'session', host: 'h', session: null, label: id, description, tooltip: '', icon: { name: 'server', color: null }, context: '', speech: '', children,
});

describe('changes of the tree', () => {
  it('VSC-2 nothing changed: nothing is told, and rows stay the same objects', () => {
    const shown = changesBetween([], [row('a', '', [row('a1')])]).rows;
    const next = changesBetween(shown, [row('a', '', [row('a1')])]);
    assert.deepEqual(next.changed, []);
    assert.equal(next.rows[0], shown[0]);
    assert.equal(next.rows[0]?.children[0], shown[0]?.children[0]);
  });

  it('VSC-2 one session of a hundred changed: that row alone is told, as the object that the editor knows', () => {
    const wanted = (description: string) => [row('a', '', Array.from({ length: 100 }, (_, index) => row(`a${index}`, index === 42 ? description : '')))];
    const shown = changesBetween([], wanted('')).rows;
    const known = shown[0]?.children[42];
    const { changed } = changesBetween(shown, wanted('new'));
    assert.ok(changed !== 'all');
    assert.equal(changed.length, 1);
    assert.equal(changed[0], known);
    assert.equal(known?.description, 'new');
  });

  it('VSC-2 a new session tells its host, a new host tells all', () => {
    const shown = changesBetween([], [row('a', '', [row('a1')])]).rows;
    const more = changesBetween(shown, [row('a', '', [row('a1', 'x'), row('a2')])]);
    assert.deepEqual(more.changed === 'all' ? 'all' : more.changed.map(({ id }) => id), ['a']);
    assert.equal(changesBetween(more.rows, [row('a', '', [row('a1')]), row('b', '', [row('b1')])]).changed, 'all');
  });
});
