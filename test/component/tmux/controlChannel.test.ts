import assert from 'node:assert/strict';
import { ControlChannel } from '../../../src/supervisor/adapters/tmux/controlChannel.ts';
import { plainCommand, type Block, type TmuxCommand } from '../../../src/supervisor/adapters/tmux/command.ts';
import { subscribe } from '../../../src/supervisor/adapters/tmux/commands/clientCommands.ts';
import { continuePane, displayMessage } from '../../../src/supervisor/adapters/tmux/commands/paneCommands.ts';
import { killSession } from '../../../src/supervisor/adapters/tmux/commands/sessionCommands.ts';
import type { TmuxNotification } from '../../../src/supervisor/adapters/tmux/notifications.ts';
import { isWindowId } from '../../../src/supervisor/domain/ids.ts';
import { startTmux } from '../../support/tmuxServer.ts';
import { startTmuxChannels, type TmuxChannels } from '../../support/tmuxChannels.ts';
import { until } from '../../support/until.ts';

const raw = (line: string, composite: boolean): TmuxCommand<Block[]> => ({ line, composite, parse: (blocks) => blocks });
const answer = (...lines: string[]): Block => ({ ok: true, lines });

describe('tmux control channel', () => {
  let t: TmuxChannels;
  before(async () => {
    t = await startTmuxChannels();
  });
  after(() => t.stop());

  it('answers pipelined requests in order', async () => {
    const channel = await t.open();
    const texts = Array.from({ length: 200 }, (_, index) => `n${index}`);
    assert.deepEqual(await Promise.all(texts.map((text) => channel.request(displayMessage('$0', text)))), texts);
  });

  it('finds the end of composite answers: branches answer before the sentinel', async () => {
    const channel = await t.open();
    const line = "display-message -p a ; if-shell -F 1 { display-message -p b ; if-shell -F 0 { display-message -p x } 'display-message -p c' } ; display-message -p d";
    const [composite, single] = await Promise.all([channel.request(raw(line, true)), channel.request(displayMessage('$0', 'next'))]);
    assert.deepEqual(composite, [answer('a'), answer(), answer('b'), answer(), answer('c'), answer('d')]);
    assert.equal(single, 'next');
  });

  it('stays in step over syntax errors, failures and text that looks like the protocol', async () => {
    const { paneId } = await t.tmux.newSession('cockpit-protocol', "printf '%%end 1 2 1\\n%%error 1 2 1\\n%%exit\\n%%begin 1 2 1\\n'; exec cat");
    const channel = await t.open();
    await until(async () => (await channel.request(raw(`capture-pane -p -t ${paneId}`, false)))[0]?.lines[3] === '%begin 1 2 1');
    assert.equal((await channel.request(raw('display-message -p a ; "', true))).map((block) => block.ok).join(), 'false');
    assert.equal((await channel.request(raw('bogus-command', false)))[0]?.ok, false);
    assert.deepEqual((await channel.request(raw("display-message -p a ; kill-session -t '$99' ; display-message -p b", true))).map((block) => block.ok), [true, false]);
    await assert.rejects(channel.request(plainCommand("kill-session -t '$99'")), { code: 'no-session', name: 'TmuxError' });
    await assert.rejects(channel.request(raw('display-message -p a\ndisplay-message -p b', false)), { code: 'bad-command' });
    assert.equal(await channel.request(displayMessage('$0', 'still here')), 'still here');
  });

  it('ignores what hooks answer', async () => {
    const channel = await t.open();
    await t.tmux.run('set-hook', '-g', 'after-rename-window', 'display-message -p from-hook');
    assert.deepEqual(await channel.request(raw("rename-window -t '$0:' renamed", false)), [answer()]);
    assert.equal(await channel.request(displayMessage('$0', '#{window_name}')), 'renamed');
    await t.tmux.run('set-hook', '-gu', 'after-rename-window');
  });

  it('DISC-2 sessions made, renamed and killed are pushed', async () => {
    const channel = await t.open();
    const seen: TmuxNotification[] = [];
    channel.onNotification((notification) => seen.push(notification));
    const { id } = await t.tmux.newSession('cockpit-pushed');
    await until(() => seen.some((n) => n.kind === 'sessions-changed'), { timeoutMs: 1000 });
    await t.tmux.run('rename-session', '-t', id, 'cockpit-é');
    await until(() => seen.some((n) => n.kind === 'session-renamed' && n.id === id && n.name === 'cockpit-é'), { timeoutMs: 1000 });
    seen.length = 0;
    await t.tmux.run('kill-session', '-t', id);
    await until(() => seen.some((n) => n.kind === 'sessions-changed'), { timeoutMs: 1000 });
  });

  it('a subscription sees the other sessions', async () => {
    const other = await t.tmux.newSession('cockpit-other');
    const channel = await t.open();
    const values: string[] = [];
    channel.onNotification((n) => {
      if (n.kind === 'subscription-changed' && n.name === 'all') values.push(n.value);
    });
    const windowId = await channel.request(displayMessage('$0', '#{window_id}'));
    assert.ok(isWindowId(windowId));
    await channel.request(subscribe('all', windowId, '#{S:#{session_id}=#{@cockpit_note};}'));
    await t.tmux.run('set-option', '-t', other.id, '@cockpit_note', 'a : b');
    await until(() => values.at(-1)?.includes(`${other.id}=a : b;`), { timeoutMs: 5000 });
  });

  it('gives the output of its session, pauses a slow reader and goes on', async () => {
    const pane = await t.tmux.newSession('cockpit-output');
    const channel = await t.open(pane.id, ['ignore-size', 'pause-after=1']);
    let text = '';
    channel.onNotification((n) => {
      if (n.kind === 'output' && n.paneId === pane.paneId) text += n.data.toString();
    });
    await t.tmux.run('send-keys', '-t', pane.paneId, '-l', 'héllo\\');
    await until(() => text.includes('héllo\\'), { timeoutMs: 2000 });
    await channel.request(continuePane(pane.paneId));
  });

  it('tells why it cannot attach', async () => {
    const open = (options: object) => ControlChannel.open(t.shell, { tmuxSocket: t.tmux.socket, target: '$0', flags: [], ...options });
    await assert.rejects(open({ target: '$99' }), { name: 'TmuxError', code: 'no-session' });
    for (const flags of [[], ['ignore-size']]) await assert.rejects(open({ tmuxSocket: `${t.tmux.dir}/none`, flags }), { name: 'TmuxError', code: 'no-server' });
    await assert.rejects(open({ tmuxSocket: `${t.tmux.dir}/nodir/none`, flags: ['ignore-size'] }), { name: 'TmuxError', code: 'no-server' });
    const reason = new Error('enough');
    await assert.rejects(open({ signal: AbortSignal.abort(reason) }), reason);
    const noTmux = { ...t.shell, open: (script: string) => t.shell.open(`PATH=/nonexistent\n${script}`) };
    await assert.rejects(ControlChannel.open(noTmux, { tmuxSocket: null, target: '$0', flags: [] }), { name: 'TmuxError', code: 'no-tmux' });
  });

  it('REL-1 leaves no client behind, with requests under way or not', async () => {
    const clients = async () => (await t.tmux.run('list-clients', '-F', '#{client_name}')).split('\n').filter(Boolean).length;
    const before = await clients();
    const channels = await Promise.all(Array.from({ length: 10 }, () => t.open()));
    assert.equal(await clients(), before + 10);
    const lost = channels.slice(5).map((channel) => assert.rejects(channel.request(displayMessage('$0', 'x')), { code: 'link-lost' }));
    for (const channel of channels) channel.dispose();
    await Promise.all(lost);
    await until(async () => (await clients()) === before, { timeoutMs: 3000 });
  });

  it('OWN-7 rejects what waits with link-lost when the server dies, so that a write can be recorded as unknown', async () => {
    const other = await startTmux();
    try {
      const channel = await ControlChannel.open(t.shell, { tmuxSocket: other.socket, target: '$0', flags: ['ignore-size'] });
      const closed = new Promise<{ reason: string }>((resolve) => channel.onDidClose(resolve));
      const pid = Number(await channel.request(displayMessage('$0', '#{pid}')));
      process.kill(pid, 'SIGSTOP');
      const waiting = [channel.request(displayMessage('$0', 'a')), channel.request(raw('display-message -p b', true))].map((request) => assert.rejects(request, { code: 'link-lost' }));
      process.kill(pid, 'SIGKILL');
      await Promise.all(waiting);
      assert.notEqual((await closed).reason, '');
      await assert.rejects(channel.request(displayMessage('$0', 'c')), { code: 'link-lost' });
      channel.dispose();
    } finally {
      await other.stop();
    }
  });

  it('REL-4 OWN-7 gives a tmux that hangs up: what waits is link-lost, the channel closed, and an attach fails', async () => {
    const other = await startTmux();
    const options = { tmuxSocket: other.socket, target: '$0' as const, flags: ['ignore-size'], answerTimeoutMs: 300 };
    const channel = await ControlChannel.open(t.shell, { ...options });
    const pid = Number(await channel.request(displayMessage('$0', '#{pid}')));
    try {
      const reasons: string[] = [];
      channel.onDidClose(({ reason }) => reasons.push(reason));
      process.kill(pid, 'SIGSTOP');
      const waiting = [channel.request(displayMessage('$0', 'a')), channel.request(raw('display-message -p b', true))];
      await Promise.all(waiting.map((request) => assert.rejects(request, { code: 'link-lost', message: /did not answer within 300 ms/ })));
      assert.deepEqual(reasons, ['tmux did not answer within 300 ms']);
      await assert.rejects(ControlChannel.open(t.shell, options), { code: 'link-lost', message: /did not attach within 300 ms/ });
      await assert.rejects(channel.request(displayMessage('$0', 'c')), { code: 'link-lost' });
    } finally {
      process.kill(pid, 'SIGCONT');
      channel.dispose();
      await other.stop();
    }
    assert.equal(await (await t.open()).request(displayMessage('$0', 'fine')), 'fine');
  });

  it('DISC-6 says so when its session is killed', async () => {
    const pane = await t.tmux.newSession('cockpit-gone');
    const channel = await t.open(pane.id);
    const closed = new Promise<{ reason: string }>((resolve) => channel.onDidClose(resolve));
    const killer = await t.open();
    await killer.request(killSession(pane.id));
    await closed;
    await assert.rejects(channel.request(displayMessage('$0', 'x')), { code: 'link-lost' });
  });
});
