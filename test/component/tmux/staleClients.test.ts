import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { detachStaleClients, markClient } from '../../../src/supervisor/adapters/tmux/commands/clientCommands.ts';
import { startTmuxChannels, type TmuxChannels } from '../../support/tmuxChannels.ts';
import { until } from '../../support/until.ts';

describe('stale control clients', () => {
  let t: TmuxChannels;
  before(async () => {
    t = await startTmuxChannels();
  });
  after(() => t.stop());

  it('REL-1 of an earlier life are detached, others are not, and their marks go', async () => {
    const open = async (mark: string | null) => {
      const channel = await t.open();
      let closed = false;
      channel.onDidClose(() => (closed = true));
      if (mark !== null) await channel.request(markClient(mark));
      return { channel, isClosed: () => closed };
    };
    const stale = [await open('install-a.life1'), await open('install-a.life2')];
    const kept = [await open('install-b.life1'), await open(null), await open('install-a.life3')];
    const asker = await open(null);
    assert.equal(await detachStaleClients(asker.channel, 'install-a.'), 0, 'an unmarked asker has no siblings to tell apart');
    await asker.channel.request(markClient('install-a.life3'));
    assert.equal(await detachStaleClients(asker.channel, 'install-a.'), 2);
    await until(() => stale.every((client) => client.isClosed()));
    assert.deepEqual(kept.map((client) => client.isClosed()), [false, false, false]);
    assert.equal(await detachStaleClients(asker.channel, 'install-a.'), 0);
    const options = (await t.tmux.run('show-options', '-s')).split('\n').filter((line) => line.startsWith('@cockpit_client_'));
    assert.equal(options.length, 3);
  });

  it('REL-1 goes too when nobody reads the output that waits for it', async () => {
    const flood = await t.tmux.newSession('cockpit-flood', 'read go; yes | head -c 20000000; echo; echo END; exec cat');
    const client = spawn('tmux', ['-u', '-N', '-S', t.tmux.socket, '-C', 'attach-session', '-f', 'ignore-size', '-t', flood.id], { stdio: ['pipe', 'pipe', 'ignore'] });
    client.stdout.pause();
    try {
      const listed = async () => (await t.tmux.run('list-clients', '-F', '#{client_pid} #{client_created}')).split('\n').find((line) => line.startsWith(`${client.pid} `));
      const created = (await until(listed)).split(' ')[1];
      await t.tmux.run('set-option', '-s', `@cockpit_client_${client.pid}`, `install-c.life1 ${created}`);
      await t.tmux.run('send-keys', '-t', flood.paneId, 'go', 'Enter');
      await until(async () => (await t.tmux.run('capture-pane', '-p', '-t', flood.paneId)).includes('END'), { timeoutMs: 15_000 });
      const asker = await t.open();
      await asker.request(markClient('install-c.life2'));
      assert.equal(await detachStaleClients(asker, 'install-c.'), 1);
      await until(async () => !(await listed()), { timeoutMs: 3000 });
      assert.equal(await t.tmux.run('display-message', '-p', '-t', '$0', '#{pane_in_mode}'), '0', 'nothing is shown to anybody');
    } finally {
      client.kill('SIGKILL');
    }
  });
});
