import assert from 'node:assert/strict';
import type { PageLook } from '../../../src/supervisor/adapters/browser/pageLook.ts';
import { recognise } from '../../../src/supervisor/adapters/browser/pages.ts';

const issuer = 'auth.openai.com';
const look = (host: string, path: string, fields: Partial<PageLook> = {}): PageLook => ({ protocol: 'https:', host, path, title: '', text: '', invalid: false, buttons: [], choices: [], ...fields, fields: { email: false, password: false, other: false, ...fields.fields } });
const google = (path: string, fields: Partial<PageLook> = {}) => look('accounts.google.com', path, fields);
const password = { email: false, password: true, other: false };
const at = (page: PageLook) => recognise(page, issuer);

describe('pages of a login', () => {
  it('ACCT-5 CONF-6 a password is asked for by Google over https and by nobody else', () => {
    assert.deepEqual(at(google('/v3/signin/challenge/pwd', { fields: password }))?.step, { do: 'type', what: 'password' });
    for (const other of [
      look('accounts.google.com.example.com', '/v3/signin/challenge/pwd', { fields: password }),
      look('accounts-google.com', '/v3/signin/challenge/pwd', { fields: password }),
      look('accounts.google.com:8443', '/v3/signin/challenge/pwd', { fields: password }),
      { ...google('/v3/signin/challenge/pwd', { fields: password }), protocol: 'http:' },
      look('auth.openai.com', '/log-in/password', { fields: password }),
    ]) assert.equal(at(other), null, `${other.protocol}//${other.host}`);
  });

  it('ACCT-5 a refused browser, a wrong password and an unknown address stop before anything is typed again', () => {
    const reasons = [
      google('/v3/signin/challenge/pwd', { fields: password, invalid: true }),
      google('/v3/signin/challenge/pwd', { fields: password, text: 'Wrong password. Try again' }),
      google('/v3/signin/identifier', { fields: { email: true, password: false, other: false }, text: 'Couldn’t find your Google Account' }),
      google('/v3/signin/rejected'),
      google('/v3/signin/identifier', { fields: { email: true, password: false, other: false }, text: 'This browser or app may not be secure.' }),
    ].map((page) => at(page)?.step);
    assert.deepEqual(reasons.map((step) => (step?.do === 'stop' ? step.reason : null)), ['wrong-password', 'wrong-password', 'unknown-email', 'browser-refused', 'browser-refused']);
  });

  it('ACCT-5 what only a person can do is left to a person', () => {
    const steps = [
      google('/v3/signin/challenge/dp'),
      google('/v3/signin/challenge/totp', { fields: { email: false, password: false, other: true }, buttons: ['Next', 'Continue'] }),
      google('/v3/signin/challenge/recaptcha'),
      look('auth.openai.com', '/mfa-challenge', { fields: { email: false, password: false, other: true } }),
      look('auth.openai.com', '/log-in', { title: 'Just a moment...' }),
    ].map((page) => at(page)?.step);
    assert.deepEqual(steps.map((step) => (step?.do === 'stop' ? step.reason : null)), steps.map(() => 'verification'));
  });

  it('ACCT-5 consent is given on pages of consent only, and offers are put off', () => {
    assert.equal(at(google('/signin/oauth/consent', { buttons: ['Cancel', 'Continue'] }))?.step.do, 'press');
    assert.equal(at(look('auth.openai.com', '/sign-in-with-chatgpt/codex/consent', { buttons: ['Continue'] }))?.step.do, 'press');
    assert.equal(at(look('auth.openai.com', '/buy-more', { buttons: ['Continue'] })), null);
    assert.equal(at(google('/settings', { buttons: ['Continue', 'Delete account'] })), null);
    assert.deepEqual(at(look('gds.google.com', '/web/recoveryoptions', { buttons: ['Add a phone', 'Not now'] }))?.name, 'google offers something');
  });

  it('ACCT-5 the way back to Codex is on this machine only', () => {
    assert.equal(at(look('localhost:1455', '/auth/callback', { protocol: 'http:' }))?.name, 'back at codex');
    assert.equal(at(look('example.com', '/auth/callback')), null);
  });
});
