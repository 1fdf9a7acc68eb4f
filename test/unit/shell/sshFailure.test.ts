import assert from 'node:assert/strict';
import { classifySshFailure } from '../../../src/supervisor/adapters/shell/sshFailure.ts';
import type { ConnectErrorKind } from '../../../src/supervisor/adapters/shell/shell.ts';

const cases: [stderr: string, kind: ConnectErrorKind, words: RegExp][] = [
  ['Host key verification failed.\r\n', 'host-key', /not known yet/],
  ['@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\r\nHost key verification failed.\r\n', 'host-key', /CHANGED/],
  ['No ED25519 host key is known for box and you have requested strict checking.\r\nHost key verification failed.\r\n', 'host-key', /not known yet/],
  ['ssh: Could not resolve hostname box: Name or service not known\r\n', 'unknown-alias', /no host "box"/],
  ['ssh: Could not resolve hostname box: Temporary failure in name resolution\r\n', 'unreachable', /Temporary failure/],
  ['ssh: connect to host box port 22: Connection refused\r\n', 'unreachable', /refused/],
  ['ssh: connect to host box port 22: Connection timed out\r\n', 'unreachable', /no answer/],
  ['Connection timed out during banner exchange\r\n', 'unreachable', /no answer/],
  ['ssh: connect to host box port 22: No route to host\r\n', 'unreachable', /no route/],
  ['me@box: Permission denied (publickey).\r\n', 'auth', /add your public key/],
  ['me@box: Permission denied (publickey,password).\r\n', 'needs-login', /Connect…/],
  ['me@box: Permission denied (keyboard-interactive).\r\n', 'needs-login', /one-time code/],
  ['Received disconnect from 1.2.3.4 port 22:2: Too many authentication failures\r\n', 'auth', /IdentitiesOnly/],
  ['sign_and_send_pubkey: signing failed for ED25519-SK "k": agent refused operation\r\nme@box: Permission denied (publickey).\r\n', 'needs-login', /needs you/],
  ['kex_exchange_identification: read: Connection reset by peer\r\n', 'unreachable', /closed before the login/],
  ['/home/me/.ssh/config: line 3: Bad configuration option: foo\r\n', 'failed', /configuration/],
  ['Banner text\r\nsomething else\r\n', 'failed', /something else/],
  ['', 'failed', /no reason/],
];

describe('why ssh failed', () => {
  for (const [stderr, kind, words] of cases) {
    it(`DISC-12 ${JSON.stringify(stderr.slice(0, 60))} is ${kind}`, () => {
      const error = classifySshFailure('box', stderr, null);
      assert.equal(error.kind, kind);
      assert.match(error.message, words);
      assert.doesNotMatch(error.message, /[\r\n]/);
    });
  }

  it('DISC-12 a refused login with a locked key needs its passphrase', () => {
    const error = classifySshFailure('box', 'me@box: Permission denied (publickey).', '/k');
    assert.deepEqual([error.kind, error.message.includes('/k')], ['needs-login', true]);
  });
});
