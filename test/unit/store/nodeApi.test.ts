import assert from 'node:assert/strict';
import { assertNodeApi } from '../../../src/supervisor/adapters/store/nodeApi.ts';
import { HumanError } from '../../../src/supervisor/base/errors.ts';

describe('assertNodeApi', () => {
  it('REL-2 a Node that would crash in SQLite is refused with what to do', () => {
    const isRefusal = (error: unknown) => error instanceof HumanError && error.code === 'node-too-old' && error.message.includes('install a newer Node');
    assert.throws(() => assertNodeApi({ node: '20.20.2', napi: '9' }), isRefusal);
    assert.throws(() => assertNodeApi({ node: '0.0.0' }), isRefusal);
    assertNodeApi({ node: '22.14.0', napi: '10' });
    assertNodeApi();
  });
});
