import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseNotification } from '../../../src/supervisor/adapters/tmux/notifications.ts';

describe('tmux notifications', () => {
  const cases: [string, ReturnType<typeof parseNotification>][] = [
    ['%output %3 a\\033[1m\\134 \xc3\xa9', { kind: 'output', paneId: '%3', data: Buffer.from('a\x1b[1m\\ é') }],
    ['%output %3 ', { kind: 'output', paneId: '%3', data: Buffer.alloc(0) }],
    ['%extended-output %3 12 : a : b', { kind: 'output', paneId: '%3', data: Buffer.from('a : b') }],
    ['%pause %3', { kind: 'pause', paneId: '%3' }],
    ['%sessions-changed', { kind: 'sessions-changed' }],
    ['%session-changed $1 cockpit-a b', { kind: 'session-changed', id: '$1', name: 'cockpit-a b' }],
    ['%session-renamed $1 \xc3\xa9', { kind: 'session-renamed', id: '$1', name: 'é' }],
    ['%session-window-changed $1 @2', { kind: 'session-window-changed', id: '$1', windowId: '@2' }],
    ['%window-pane-changed @2 %3', { kind: 'window-pane-changed', windowId: '@2', paneId: '%3' }],
    ['%unlinked-window-add @2', { kind: 'window-add', windowId: '@2' }],
    ['%window-close @2', { kind: 'window-close', windowId: '@2' }],
    ['%unlinked-window-renamed @2 sh', { kind: 'window-renamed', windowId: '@2' }],
    ['%subscription-changed a $1 @2 0 %3 : x : y', { kind: 'subscription-changed', name: 'a', value: 'x : y' }],
    ['%subscription-changed a $1 - - - : v', { kind: 'subscription-changed', name: 'a', value: 'v' }],
    ['%client-detached client-12', { kind: 'client-detached', client: 'client-12' }],
    ['%exit', { kind: 'exit', reason: '' }],
    ['%exit server exited', { kind: 'exit', reason: 'server exited' }],
    ['%session-changed cockpit', { kind: 'other', line: '%session-changed cockpit' }],
    ['%pane-mode-changed %1', { kind: 'other', line: '%pane-mode-changed %1' }],
    ['noise', { kind: 'other', line: 'noise' }],
  ];
  for (const [line, expected] of cases) {
    it(`reads ${JSON.stringify(line)}`, () => {
      assert.deepEqual(parseNotification(line), expected);
    });
  }

  it('gives back every byte that tmux escaped', () => {
    const escape = (bytes: Uint8Array) => Array.from(bytes, (byte) => (byte < 0x20 || byte === 0x5c ? `\\${byte.toString(8).padStart(3, '0')}` : String.fromCharCode(byte))).join('');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        assert.deepEqual(parseNotification(`%output %1 ${escape(bytes)}`), { kind: 'output', paneId: '%1', data: Buffer.from(bytes) });
      }),
    );
  });
});
