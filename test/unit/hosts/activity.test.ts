import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseActivity } from '../../../src/supervisor/hosts/activity.ts';

type Row = { id: number; numbers: string; title: string };

const valueOf = (rows: Row[]): string =>
  rows.map(({ id, numbers, title }) => `$${id}=${numbers} ${Buffer.byteLength(title)}:${title};`).join('');

describe('activity of the sessions of a host', () => {
  it('DISC-3 a hostile title changes its own session only', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom(';$2=%1.0.0.0.0.80x24 0:;', 'ünï;', ':', ''));
    const rows = fc.uniqueArray(fc.record({ id: fc.nat(50), numbers: fc.constant('%7.0.1.2.99.80x24'), title: text }), { selector: (row) => row.id, maxLength: 8 });
    fc.assert(fc.property(rows, (list) => {
      const parsed = parseActivity(valueOf(list));
      assert.deepEqual([...(parsed?.keys() ?? [])], list.map((row) => `$${row.id}`));
    }));
  });

  it('DISC-2 a change of one session changes its value alone', () => {
    const before = { id: 1, numbers: '%1.0.0.0.5.80x24', title: '⠸ work' };
    const other = { id: 2, numbers: '%2.0.0.0.5.80x24', title: '' };
    const [a, b] = [parseActivity(valueOf([before, other])), parseActivity(valueOf([{ ...before, title: '⠦ work' }, other]))];
    assert.notEqual(a?.get('$1'), b?.get('$1'));
    assert.equal(a?.get('$2'), b?.get('$2'));
  });

  it('DISC-2 what cannot be read means that anything may have changed', () => {
    for (const text of ['nonsense', '$1=%1 5:ab;', '$1=%1 2:ab', '1=%1 0:;']) assert.equal(parseActivity(text), null, text);
    assert.equal(parseActivity('')?.size, 0);
  });
});
