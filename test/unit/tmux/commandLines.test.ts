import assert from 'node:assert/strict';
import { bytesArgument, formatArgument, targetArgument, type Target } from '../../../src/supervisor/adapters/tmux/argument.ts';
import { checkLine } from '../../../src/supervisor/adapters/tmux/command.ts';
import { subscribe } from '../../../src/supervisor/adapters/tmux/commands/clientCommands.ts';
import { capturePane } from '../../../src/supervisor/adapters/tmux/commands/paneCommands.ts';
import { newSession, renameSession, setSessionOption } from '../../../src/supervisor/adapters/tmux/commands/sessionCommands.ts';
import { claimCommand, guardedWrite } from '../../../src/supervisor/adapters/tmux/guard.ts';
import { socketArgs } from '../../../src/supervisor/adapters/tmux/tmuxSocket.ts';
import { features } from '../../../src/supervisor/adapters/tmux/tmuxVersion.ts';
import type { SessionId } from '../../../src/supervisor/domain/ids.ts';

describe('tmux command lines', () => {
  const badCommand = { code: 'bad-command' };

  it('refuse line ends, NUL and the empty line, which would detach', () => {
    for (const line of ['', 'a\nb', 'a\rb', 'a\0b']) assert.throws(() => checkLine(line), badCommand);
    assert.equal(checkLine('list-sessions'), 'list-sessions');
  });

  it('DISC-5 aim at ids only', () => {
    for (const bad of ['', 'x', '$', '$1x', "$1'", '%1 ; kill-server', '$1:.x', '$1:.%1:.%2', '=a', '$1\n']) assert.throws(() => targetArgument(bad as Target), badCommand, bad);
    assert.equal(targetArgument('$3:.%7'), '\\$3:.%7');
    assert.throws(() => claimCommand("$1' ; kill-server '" as SessionId, 'i', 'n'), badCommand);
    assert.throws(() => capturePane('%1;' as '%1'), badCommand);
  });

  it('hold text as octal escapes, so that nothing in it is read by tmux', () => {
    assert.equal(bytesArgument(Buffer.from('a b')), '"a b"');
    assert.equal(bytesArgument(Buffer.from(`"$HOME\n#{x}~\\'\xff`, 'latin1')), String.raw`"\042\044HOME\012\043{x}\176\134\047\377"`);
    assert.throws(() => bytesArgument(Buffer.from([0])), badCommand);
    assert.doesNotMatch(renameSession('$1', 'a\nb\r#(touch x)').line, /[\r\n]|#\(/);
    assert.doesNotMatch(setSessionOption('$1', '@cockpit_x', '\n').line, /\n/);
  });

  it('refuse formats that would run a program, and names that are not ours', () => {
    assert.throws(() => formatArgument('#(touch x)'), badCommand);
    assert.throws(() => subscribe('a', '@1', '#{S:#(touch x)}'), badCommand);
    for (const name of ['x', 'cockpit-', 'cockpit-#(x)', 'cockpit-a b', `cockpit-${'x'.repeat(41)}`]) assert.throws(() => newSession({ name }), badCommand);
    for (const name of ['', 'a b', "a'", '#(x)', 'x'.repeat(65)]) assert.throws(() => claimCommand('$1', 'i', name), badCommand);
    assert.throws(() => claimCommand('$1', 'a:b', 'n'), badCommand);
  });

  it('OWN-5 bound one write', () => {
    const fence = { server: { pid: 1, startTime: 2 }, owner: 'agent:i', epoch: 3 };
    const write = (kind: 'keys' | 'paste', size: number) => guardedWrite({ id: '$1', paneId: '%1' }, fence, { kind, bytes: Buffer.alloc(size, 65) });
    assert.ok(write('keys', 1024).composite && write('paste', 61_440).composite);
    for (const [kind, size] of [['keys', 0], ['keys', 1025], ['paste', 0], ['paste', 61_441]] as const) assert.throws(() => write(kind, size), { code: 'bad-payload' });
    for (const owner of ["agent:i' x", 'agent:', 'agent:a:b', 'human:a:b', 'other:i']) assert.throws(() => guardedWrite({ id: '$1', paneId: '%1' }, { ...fence, owner }, { kind: 'clear-history' }), badCommand);
    assert.throws(() => guardedWrite({ id: '$1', paneId: '%1' }, { ...fence, epoch: 1.5 }, { kind: 'clear-history' }), badCommand);
  });

  it('name the socket', () => {
    assert.deepEqual([socketArgs(null), socketArgs('demo'), socketArgs('/tmp/x')], [[], ['-L', 'demo'], ['-S', '/tmp/x']]);
  });

  it('DISC-2 know what a tmux version can do', () => {
    const all = { subscriptions: true, hexKeys: true, controlFlags: true };
    const none = { subscriptions: false, hexKeys: false, controlFlags: false };
    for (const version of ['tmux 3.2', 'tmux 3.2a', 'tmux 3.3a', '3.6b', 'tmux 3.10', 'tmux next-3.5', 'tmux master', 'tmux openbsd-7.4\n']) assert.deepEqual(features(version), all, version);
    for (const version of ['tmux 2.7', 'tmux 1.8', '', 'tmux openbsd-6.4']) assert.deepEqual(features(version), none, version);
    assert.deepEqual(features('tmux 3.1c'), { ...none, hexKeys: true });
  });
});
