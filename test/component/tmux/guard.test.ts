import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ControlChannel } from '../../../src/supervisor/adapters/tmux/controlChannel.ts';
import { adoptCommand, claimCommand, guardedWrite, releaseCommand, takeOverCommand, type GuardReply, type MarkReply, type WritePayload } from '../../../src/supervisor/adapters/tmux/guard.ts';
import type { Fence, RefusalReason } from '../../../src/supervisor/domain/ownership.ts';
import type { SessionId } from '../../../src/supervisor/domain/ids.ts';
import type { RawPane, TmuxPane } from '../../support/tmuxServer.ts';
import { startTmuxChannels, type TmuxChannels } from '../../support/tmuxChannels.ts';
import { until } from '../../support/until.ts';

const accepted: GuardReply = { kind: 'accepted', leftCopyMode: false };
const keys = (text: string): WritePayload => ({ kind: 'keys', bytes: Buffer.from(text) });
const paste = (bytes: string | Buffer): WritePayload => ({ kind: 'paste', bytes: Buffer.from(bytes) });
const fenceOf = ({ mark, server }: MarkReply): Fence => ({ server, owner: mark.owner, epoch: mark.epoch });

describe('tmux guard', () => {
  let t: TmuxChannels;
  let channel: ControlChannel;
  let names = 0;
  before(async () => {
    t = await startTmuxChannels();
    channel = await t.open();
  });
  after(() => t.stop());

  const own = async (options?: { bracketed?: boolean }) => {
    const pane = await t.tmux.rawPane(`cockpit-g${++names}`, options);
    return { pane, fence: fenceOf(await channel.request(adoptCommand(pane.id, 'me', 'me@here', 0))) };
  };
  const write = (pane: TmuxPane, fence: Fence, payload: WritePayload) => channel.request(guardedWrite(pane, fence, payload));
  const assertRefused = async (pane: TmuxPane, fence: Fence, reason: RefusalReason) => {
    for (const payload of [keys('x'), paste('x'), { kind: 'clear-history' } as const]) {
      const reply = await write(pane, fence, payload);
      assert.equal(reply.kind === 'refused' ? reply.reason : reply.kind, reason);
    }
    assert.equal(await t.tmux.run('list-buffers'), '', 'no buffer stays behind');
  };
  const assertRead = async (pane: RawPane, expected: Buffer | string) => {
    const bytes = Buffer.from(expected);
    await until(async () => (await pane.read()).length >= bytes.length, { timeoutMs: 5000 });
    assert.deepEqual(await pane.read(), bytes);
  };

  describe('ownership', () => {
    const freshSession = async (): Promise<SessionId> => (await t.tmux.newSession(`cockpit-o${++names}`)).id;
    const short = ({ mark }: MarkReply) => `${mark.owner} ${mark.epoch} ${mark.supervisor}`;

    it('OWN-3 every change moves the epoch forward, and only a change does', async () => {
      const id = await freshSession();
      assert.equal(short(await channel.request(releaseCommand(id, 'a', 'na'))), ' 0 ');
      assert.equal(short(await channel.request(adoptCommand(id, 'a', 'na', 0))), 'agent:a 1 na');
      assert.equal(short(await channel.request(adoptCommand(id, 'a', 'na', 50))), 'agent:a 1 na');
      assert.equal(short(await channel.request(claimCommand(id, 'a', 'na'))), 'human:a 2 na');
      assert.equal(short(await channel.request(adoptCommand(id, 'a', 'na', 50))), 'human:a 2 na');
      assert.equal(short(await channel.request(claimCommand(id, 'a', 'na'))), 'human:a 3 na');
      assert.equal(short(await channel.request(releaseCommand(id, 'b', 'nb'))), 'human:a 3 na');
      assert.equal(short(await channel.request(adoptCommand(id, 'b', 'nb', 9))), 'human:a 3 na');
      assert.equal(short(await channel.request(releaseCommand(id, 'a', 'na'))), 'agent:a 4 na');
      assert.equal(short(await channel.request(releaseCommand(id, 'a', 'na'))), 'agent:a 4 na');
      assert.equal(short(await channel.request(takeOverCommand(id, 'b', 'nb'))), 'agent:b 5 nb');
      assert.equal(short(await channel.request(claimCommand(id, 'a', 'na'))), 'human:a 6 na');
    });

    it('OWN-3 an adopted session starts above what is remembered and never below what is there', async () => {
      const [low, high] = [await freshSession(), await freshSession()];
      assert.equal(short(await channel.request(adoptCommand(low, 'a', 'n', 41))), 'agent:a 42 n');
      await t.tmux.run('set-option', '-t', high, '@cockpit_epoch', '100');
      assert.equal(short(await channel.request(adoptCommand(high, 'a', 'n', 41))), 'agent:a 101 n');
    });

    it('DISC-5 a session that is gone changes nothing, not even the session of the asking client', async () => {
      const before = await t.tmux.run('show-options', '-t', '$0');
      for (const command of [claimCommand, releaseCommand, takeOverCommand]) await assert.rejects(channel.request(command('$99', 'a', 'n')), { name: 'TmuxError', code: 'no-session' });
      await assert.rejects(channel.request(adoptCommand('$99', 'a', 'n', 0)), { name: 'TmuxError', code: 'no-session' });
      assert.equal(await t.tmux.run('show-options', '-t', '$0'), before);
    });
  });

  describe('refuses with its reason and writes nothing', () => {
    it('OWN-2 OWN-4 by owner and epoch', async () => {
      const { pane, fence } = await own();
      await assertRefused(pane, { ...fence, epoch: fence.epoch - 1 }, 'stale-epoch');
      await assertRefused(pane, { ...fence, epoch: fence.epoch + 1 }, 'stale-epoch');
      const claimed = await channel.request(claimCommand(pane.id, 'me', 'me@here'));
      await assertRefused(pane, fence, 'human-owns');
      const reply = await write(pane, fence, keys('x'));
      assert.deepEqual(reply.kind === 'refused' && reply.mark, claimed.mark);
      await channel.request(releaseCommand(pane.id, 'me', 'me@here'));
      await assertRefused(pane, fence, 'stale-epoch');
      await channel.request(takeOverCommand(pane.id, 'other', 'o'));
      await assertRefused(pane, fence, 'foreign-owner');
      await channel.request(claimCommand(pane.id, 'other', 'o'));
      await assertRefused(pane, fence, 'foreign-owner');
      await t.tmux.run('set-option', '-u', '-t', pane.id, '@cockpit_owner');
      await assertRefused(pane, fence, 'ownership-unread');
      assert.equal((await pane.read()).length, 0);
    });

    it('DISC-5 OWN-3 by the life of the server', async () => {
      const { pane, fence } = await own();
      await assertRefused(pane, { ...fence, server: { ...fence.server, pid: fence.server.pid + 1 } }, 'server-restarted');
      await assertRefused(pane, { ...fence, server: { ...fence.server, startTime: fence.server.startTime - 1 } }, 'server-restarted');
      assert.equal((await pane.read()).length, 0);
    });

    it('OWN-5 by the pane: synchronized, dead, input off, not the active one', async () => {
      const { pane, fence } = await own();
      await t.tmux.run('set-option', '-p', '-t', pane.paneId, 'synchronize-panes', 'on');
      await assertRefused(pane, fence, 'pane-synchronized');
      await t.tmux.run('set-option', '-pu', '-t', pane.paneId, 'synchronize-panes');
      await t.tmux.run('select-pane', '-d', '-t', pane.paneId);
      await assertRefused(pane, fence, 'pane-dead');
      await t.tmux.run('select-pane', '-e', '-t', pane.paneId);
      await t.tmux.run('split-window', '-t', pane.id, 'exec cat');
      await assertRefused(pane, fence, 'pane-not-active');
      await t.tmux.run('select-pane', '-t', pane.paneId);
      assert.deepEqual(await write(pane, fence, keys('a')), accepted);
      await t.tmux.run('new-window', '-t', pane.id, 'exec cat');
      await assertRefused(pane, fence, 'pane-not-active');
      await t.tmux.run('select-window', '-t', `${pane.id}:0`);
      await assertRefused({ id: pane.id, paneId: '%9999' }, fence, 'pane-not-active');
      await assertRead(pane, 'a');
      await t.tmux.run('set-option', '-w', '-t', pane.id, 'remain-on-exit', 'on');
      const panePid = Number(await t.tmux.run('display-message', '-p', '-t', pane.paneId, '#{pane_pid}'));
      process.kill(panePid, 'SIGKILL');
      await until(async () => (await t.tmux.run('display-message', '-p', '-t', pane.paneId, '#{pane_dead}')) === '1');
      await assertRefused(pane, fence, 'pane-dead');
    });

    it('OWN-5 when the session is gone or the pane is of another session, whichever session the client is attached to', async () => {
      const { pane, fence } = await own();
      const other = await own();
      const attached = await t.open(pane.id);
      const moved = await attached.request(guardedWrite({ id: pane.id, paneId: other.pane.paneId }, fence, keys('x')));
      assert.equal(moved.kind === 'refused' && moved.reason, 'pane-not-active');
      await t.tmux.run('kill-session', '-t', other.pane.id);
      const gone = await attached.request(guardedWrite(other.pane, fence, keys('x')));
      assert.deepEqual(gone, { kind: 'refused', reason: 'session-gone', mark: null });
      await assertRefused(other.pane, other.fence, 'session-gone');
      assert.equal((await pane.read()).length, 0);
    });

    it('OWN-5 in a grouped session by the option of that session', async () => {
      const { pane, fence } = await own();
      const group = await t.tmux.run('new-session', '-d', '-P', '-F', '#{session_id}', '-t', pane.id, '-s', 'grouped');
      await channel.request(claimCommand(group as SessionId, 'me', 'n'));
      assert.deepEqual(await write(pane, fence, keys('a')), accepted);
      await assertRefused({ id: group as SessionId, paneId: pane.paneId }, fence, 'human-owns');
      await assertRead(pane, 'a');
    });
  });

  it('OWN-5 leaves copy mode and any other mode first, in the same command, and notes it', async () => {
    const { pane, fence } = await own();
    const modes = async () => t.tmux.run('display-message', '-p', '-t', pane.paneId, '#{pane_in_mode}');
    await t.tmux.run('copy-mode', '-t', pane.paneId);
    assert.deepEqual(await write(pane, { ...fence, epoch: 99 }, keys('x')).then((reply) => reply.kind), 'refused');
    assert.equal(await modes(), '1', 'a refused write leaves the mode alone');
    assert.deepEqual(await write(pane, fence, keys('a')), { kind: 'accepted', leftCopyMode: true });
    await t.tmux.run('choose-tree', '-t', pane.paneId);
    await t.tmux.run('copy-mode', '-t', pane.paneId);
    assert.deepEqual(await write(pane, fence, paste('b')), { kind: 'accepted', leftCopyMode: true });
    assert.equal(await modes(), '0');
    assert.deepEqual(await write(pane, fence, keys('c')), accepted);
    await assertRead(pane, 'abc');
  });

  it('MCP-4 a paste is bracketed if the program asks for it', async () => {
    const { pane, fence } = await own({ bracketed: true });
    assert.deepEqual(await write(pane, fence, paste('x\ny;')), accepted);
    await assertRead(pane, '\x1b[200~x\ny;\x1b[201~');
  });

  it('clears the scrollback', async () => {
    const pane = await t.tmux.newSession(`cockpit-g${++names}`, 'seq 200; exec cat');
    const fence = fenceOf(await channel.request(adoptCommand(pane.id, 'me', 'n', 0)));
    const size = async () => Number(await t.tmux.run('display-message', '-p', '-t', pane.paneId, '#{history_size}'));
    await until(async () => (await size()) > 0);
    assert.deepEqual(await write(pane, fence, { kind: 'clear-history' }), accepted);
    assert.equal(await size(), 0);
  });

  describe('MCP-4 bytes sent are the bytes at the pty', () => {
    const tricky = fc.constantFrom(';', '\\;', '"', "'", '$HOME', '#{pid}', '#(touch x)', '\n', '\r', '\x1b[201~', '\x03', '~', '%H', '{', '}', ' ; kill-server', 'é漢😀', '\xff\xfe', '%end 1 2 1\n', '\\012', '-H', '--');
    const text = fc.array(tricky, { minLength: 1, maxLength: 12 }).map((parts) => Buffer.from(parts.join('')));
    const binary = fc.uint8Array({ minLength: 1, maxLength: 1024 }).map((bytes) => Buffer.from(bytes));
    const noNul = binary.map((bytes) => Buffer.from(bytes.map((byte) => byte || 1)));

    const property = async (kind: 'keys' | 'paste', bytes: fc.Arbitrary<Buffer>, numRuns: number) => {
      const { pane, fence } = await own();
      let sent: Buffer = Buffer.alloc(0);
      await fc.assert(
        fc.asyncProperty(bytes, async (payload) => {
          sent = Buffer.concat([sent, payload]);
          assert.deepEqual(await write(pane, fence, { kind, bytes: payload }), accepted);
          await until(async () => (await pane.read()).length >= sent.length, { timeoutMs: 5000 });
          assert.ok((await pane.read()).equals(sent), `after ${payload.toString('hex')}`);
        }),
        { numRuns, endOnFailure: true },
      );
      assert.equal(await t.tmux.run('list-buffers'), '');
    };

    it('as keys', () => property('keys', fc.oneof(text, binary), 250));
    it('as a paste', () => property('paste', fc.oneof(text, noNul, binary), 250));
    it('as a paste of 60 kB', async () => {
      const every = Buffer.from(Array.from({ length: 61_440 }, (_, index) => (index * 31) % 256));
      await property('paste', fc.constantFrom(every, Buffer.from(every.map((byte) => byte || 0xff)), Buffer.alloc(61_440, ';'), Buffer.from('é;\n"#{$'.repeat(7000)).subarray(0, 61_440)), 8);
    });
  });
});
