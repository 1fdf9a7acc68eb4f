import assert from 'node:assert/strict';
import { mergeConfig, toToml, toTomlValue } from '../../../src/supervisor/adapters/codex/toml.ts';

describe('TOML of an agent', () => {
  it('PAIR-8 writes plain values first, then tables, with keys quoted where they must be', () => {
    const text = toToml({ projects: { '/a "b"/c.d': { trust_level: 'trusted' } }, model: 'm', features: {}, list: ['a', 1, true, { k: 'v' }] });
    assert.equal(
      text,
      ['model = "m"', 'list = ["a", 1, true, { k = "v" }]', '', '[projects."/a \\"b\\"/c.d"]', 'trust_level = "trusted"', '', '[features]', ''].join('\n'),
    );
  });

  it('PAIR-8 escapes what would end a string', () => {
    assert.equal(toTomlValue('a"b\\c\nd\u007f\u0001'), '"a\\"b\\\\c\\nd\\u007f\\u0001"');
    assert.equal(toTomlValue(1e21), '1000000000000000000000');
    assert.equal(toTomlValue(0.5), '0.5');
  });

  it('PAIR-8 merges maps key by key and replaces lists', () => {
    const merged = mergeConfig({ a: { x: 1, y: [1] }, b: 'under' }, { a: { y: [2], z: true }, b: { c: 1 } });
    assert.deepEqual(merged, { a: { x: 1, y: [2], z: true }, b: { c: 1 } });
  });

  it('PAIR-8 a key named __proto__ stays an ordinary key', () => {
    const merged = mergeConfig({}, JSON.parse('{"__proto__":{"polluted":true}}') as Record<string, { polluted: boolean }>);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    assert.deepEqual(Object.keys(merged), ['__proto__']);
  });
});
