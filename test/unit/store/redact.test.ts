import assert from 'node:assert/strict';
import fc from 'fast-check';
import { redact, redactValue } from '../../../src/supervisor/adapters/store/redact.ts';

const secret = 'Zq8xPl29Kd73mN55TtRw';
const jwt = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.${secret}`;

describe('redact', () => {
  const hidden = [
    `sk-proj-${secret}`,
    `export OPENAI_API_KEY=${secret}`,
    `Authorization: Bearer ${secret}`,
    `curl -H "authorization: bearer ${secret}"`,
    jwt,
    `"refresh_token": "${secret}"`,
    `{"access_token":"${secret}","id_token":"${jwt}"}`,
    `refresh_token=rt_${secret}`,
    `password: ${secret}`,
    `password="two words ${secret}"`,
    `--password ${secret} --verbose`,
    `git clone https://me:${secret}@example.com/x`,
    `ghp_${secret}`,
    `AWS_SECRET_ACCESS_KEY=${secret}`,
    `-----BEGIN OPENSSH PRIVATE KEY-----\n${secret}\n-----END OPENSSH PRIVATE KEY-----`,
    `-----BEGIN PRIVATE KEY-----\n${secret}`,
  ];
  for (const text of hidden) {
    it(`CONF-6 hides the secret of ${JSON.stringify(text.replaceAll(secret, '…'))}`, () => {
      const result = redact(text);
      assert.ok(!result.includes(secret), result);
      assert.ok(result.includes('[redacted]'), result);
    });
  }

  it('CONF-6 leaves ordinary text as it is', () => {
    for (const text of ['run the tests of src/token.ts again', 'the password prompt is open', 'sk-1', 'max_tokens: see above', 'ssh://host/path', 'a bearer of news', 'keys: up down']) {
      assert.equal(redact(text), text);
    }
  });

  it('CONF-6 hides values under secret names, at any depth', () => {
    assert.deepEqual(redactValue({ a: [{ refreshToken: 'x' }], password: 'y', token: { value: 'z' }, epoch: 3, tokens: 12, text: `Bearer ${secret}`, note: null }), {
      a: [{ refreshToken: '[redacted]' }],
      password: '[redacted]',
      token: '[redacted]',
      epoch: 3,
      tokens: 12,
      text: 'Bearer [redacted]',
      note: null,
    });
  });

  it('CONF-6 takes linear time on hostile text', () => {
    for (const unit of ['a', 'a://', '-----BEGIN PRIVATE KEY-----', 'password', 'eyJ', 'token = ', 'x-', '"', ' ']) {
      const startedMs = performance.now();
      redact(unit.repeat(Math.ceil(60_000 / unit.length)));
      const tookMs = performance.now() - startedMs;
      assert.ok(tookMs < 200, `${unit}: ${tookMs} ms`);
    }
  });

  it('CONF-6 hides a secret wherever it stands in a text', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ maxLength: 10 }), fc.constantFrom(...hidden))), (parts) => {
        assert.equal(redact(parts.join(' ')).includes(secret), false);
      }),
      { numRuns: 200 },
    );
  });
});
