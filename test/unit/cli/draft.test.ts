import assert from 'node:assert/strict';
import { draftOf, withAccount, withHost, withoutAccount, withoutHost } from '../../../src/cli/setup/draft.ts';

describe('draft of setup', () => {
  it('CONF-5 a host whose target is its alias needs only the alias', () => {
    assert.deepEqual(withHost(draftOf(null), 'ai', 'ai').changes, [{ kind: 'host', host: { alias: 'ai' } }]);
    assert.deepEqual(withHost(draftOf(null), 'ai', 'me@ai').changes, [{ kind: 'host', host: { alias: 'ai', ssh_target: 'me@ai' } }]);
  });

  it('CONF-4 keeps the order when it edits, and an answer that changes nothing is no change', () => {
    const two = withHost(withHost(draftOf(null), 'a', 'a'), 'b', 'b');
    assert.equal(withHost(two, 'a', 'a'), two);
    const edited = withHost(two, 'a', 'x');
    assert.deepEqual(edited.hosts, [{ alias: 'a', sshTarget: 'x' }, { alias: 'b', sshTarget: 'b' }]);
    assert.deepEqual(withHost(edited, 'a', 'a').changes.at(-1), { kind: 'host', host: { alias: 'a', ssh_target: 'a' } });
    assert.deepEqual(withoutHost(edited, 'a').hosts, [{ alias: 'b', sshTarget: 'b' }]);
  });

  it('CONF-4 adds, edits and removes accounts in their order', () => {
    const two = withAccount(withAccount(draftOf(null), 'work', 'a@x'), 'spare', 'b@x');
    assert.deepEqual(withAccount(two, 'work', 'c@x').accounts, [{ key: 'work', email: 'c@x' }, { key: 'spare', email: 'b@x' }]);
    assert.deepEqual(withoutAccount(two, 'work').accounts, [{ key: 'spare', email: 'b@x' }]);
  });
});
