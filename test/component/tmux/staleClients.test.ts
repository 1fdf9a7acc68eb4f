import assert from 'node:assert/strict';
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
});
