import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { judgeHostKey, knownHostName, knownKeyTypes, parseKnownHosts } from '../../../src/supervisor/adapters/shell/knownHosts.ts';

const key = Buffer.from('key one');
const other = Buffer.from('key two');
const line = (hosts: string, blob = key, type = 'ssh-ed25519') => `${hosts} ${type} ${blob.toString('base64')} a comment\n`;
const hashed = (name: string) => {
  const salt = Buffer.from('0123456789abcdefghij');
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};
const judge = (text: string, name = 'host') => judgeHostKey(parseKnownHosts(text), name, key);

describe('known_hosts', () => {
  it('DISC-1 only an equal key of the same host is known', () => {
    assert.equal(judge(line('host')), 'known');
    assert.equal(judge(line('elsewhere,host')), 'known');
    assert.equal(judge(line('hostile')), 'unknown');
    assert.equal(judge(line('host', other)), 'changed');
    assert.equal(judge(line('host', other) + line('host')), 'known');
    assert.equal(judge(''), 'unknown');
    assert.equal(judge('# host ssh-ed25519 x\n\ngarbage\n'), 'unknown');
  });

  it('DISC-1 patterns, negation and hashed names', () => {
    assert.equal(judge(line('h?st')), 'known');
    assert.equal(judge(line('*')), 'known');
    assert.equal(judge(line('*,!host')), 'unknown');
    assert.equal(judge(line('h.st')), 'unknown');
    assert.equal(judge(line('HOST')), 'known');
    assert.equal(judge(line(hashed('host'))), 'known');
    assert.equal(judge(line(hashed('ghost'))), 'unknown');
    assert.equal(judge(line('[host]:2222'), '[host]:2222'), 'known');
    assert.equal(judge(line('host'), '[host]:2222'), 'unknown');
  });

  it('DISC-1 a revoked key is revoked whatever else is said, an authority is not enough', () => {
    assert.equal(judge(line('host') + line('@revoked *')), 'revoked');
    assert.equal(judge(line('@revoked host', other) + line('host')), 'known');
    assert.equal(judge(line('@cert-authority *')), 'authority-only');
    assert.equal(judge(line('@something host')), 'unknown');
  });

  it('DISC-1 the name and the key types to ask for', () => {
    assert.equal(knownHostName('Box.Lan', 22, undefined), 'box.lan');
    assert.equal(knownHostName('box', 2222, undefined), '[box]:2222');
    assert.equal(knownHostName('box', 2222, 'alias'), 'alias');
    const entries = parseKnownHosts(line('host', key, 'ssh-rsa') + line('host') + line('@revoked host', key, 'ecdsa-sha2-nistp256'));
    assert.deepEqual(knownKeyTypes(entries, 'host'), ['ssh-rsa', 'ssh-ed25519']);
  });
});
