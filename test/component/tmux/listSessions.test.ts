import assert from 'node:assert/strict';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { listSessions, listSessionsScript, parseListing, type SessionListing } from '../../../src/supervisor/adapters/tmux/commands/listSessions.ts';
import { capturePane, displayMessage } from '../../../src/supervisor/adapters/tmux/commands/paneCommands.ts';
import { newSession, renameSession, setSessionOption } from '../../../src/supervisor/adapters/tmux/commands/sessionCommands.ts';
import type { ControlChannel } from '../../../src/supervisor/adapters/tmux/controlChannel.ts';
import type { SessionId } from '../../../src/supervisor/domain/ids.ts';
import { startTmuxChannels, type TmuxChannels } from '../../support/tmuxChannels.ts';
import { until } from '../../support/until.ts';

describe('listing of sessions', () => {
  let t: TmuxChannels;
  let channel: ControlChannel;
  before(async () => {
    t = await startTmuxChannels();
    channel = await t.open();
  });
  after(() => t.stop());

  const find = (listing: SessionListing, id: SessionId) => listing.sessions.find((session) => session.id === id);
  const byScript = async () => parseListing((await t.shell.run(listSessionsScript(t.tmux.socket))).stdout);

  it('DISC-9 shows the active pane of the active window, the server and the ownership mark', async () => {
    const { id } = await t.tmux.newSession('cockpit-panes');
    await t.tmux.run('split-window', '-t', id);
    const [windowId = '', paneId = ''] = (await t.tmux.run('new-window', '-t', id, '-P', '-F', '#{window_id} #{pane_id}', 'exec cat')).split(' ');
    await t.tmux.run('split-window', '-t', id, 'exec cat');
    await t.tmux.run('select-pane', '-t', paneId);
    await t.tmux.run('set-option', '-t', id, '@cockpit_epoch', '7');
    await t.tmux.run('set-option', '-t', id, '@cockpit_owner', 'agent:x');
    const listing = await channel.request(listSessions());
    const session = find(listing, id);
    assert.deepEqual([session?.windowId, session?.paneId, session?.paneCommand, session?.paneDead, session?.width], [windowId, paneId, 'cat', false, 80]);
    assert.deepEqual(session?.mark, { owner: 'agent:x', epoch: 7, supervisor: '' });
    assert.equal(`${listing.server.pid} ${listing.server.startTime}`, await t.tmux.run('display-message', '-p', '#{pid} #{start_time}'));
    await t.tmux.run('select-window', '-t', `${id}:0`);
    assert.notEqual(find(await channel.request(listSessions()), id)?.windowId, windowId);
    const asked = await byScript();
    assert.deepEqual(asked, { kind: 'sessions', version: (await t.tmux.run('-V')).replace('tmux ', ''), listing: await channel.request(listSessions()) });
  });

  it('DISC-5 survives hostile names, titles and options; nothing in them ever runs', async () => {
    const touch = join(t.tmux.dir, 'pwned').replaceAll('.', '?');
    const names = [`cockpit-$(touch ${touch})`, `#(touch ${touch})`, `cockpit-#{l:x}#[fg=red]##%H%%`, ';x', '<b>', '@1', '$0', '-t', '=a', 'a\tb', 'é漢字😀', "it's \"q\" \\ ~ {x}", 'x;'];
    const hostile = `a\nb\t#(touch ${touch})|<\n%end 1 2 1\n%exit`;
    for (const name of names) {
      const { id, paneId } = await t.tmux.newSession(`cockpit-h${names.indexOf(name)}`, `printf '\\033]2;%s\\007' '#(touch ${touch})é<b>;'; exec cat`);
      await channel.request(renameSession(id, name));
      await channel.request(setSessionOption(id, '@cockpit_supervisor', hostile));
      const expected = name.replaceAll(/[.:]/g, '_').replaceAll('\t', '\\t').replaceAll('\\ ', '\\\\ ');
      const read = async () => find(await channel.request(listSessions()), id);
      const session = await until(async () => {
        const now = await read();
        return now?.paneTitle.endsWith('é<b>;') ? now : null;
      });
      assert.equal(session.name, expected);
      assert.equal(session.paneTitle, `#(touch ${touch})é<b>;`);
      assert.equal(session.mark.supervisor, hostile);
      assert.equal(await channel.request(displayMessage(`${id}:.${paneId}`, '#{session_name}')), expected);
      await channel.request(capturePane(paneId));
    }
    const asked = await byScript();
    assert.ok(asked.kind === 'sessions');
    assert.deepEqual(asked.listing, await channel.request(listSessions()));
    assert.equal(await t.tmux.run('show-options', '-t', '$1', '-qv', '@cockpit_name'), '');
    await assert.rejects(access(join(t.tmux.dir, 'pwned')), { code: 'ENOENT' });
  });

  it('tells no tmux, no server and trouble apart', async () => {
    const ask = async (script: string) => parseListing((await t.shell.run(script)).stdout);
    assert.equal((await ask(listSessionsScript(`${t.tmux.dir}/none`))).kind, 'no-server');
    assert.deepEqual(await ask(`PATH=/nonexistent\n${listSessionsScript(null)}`), { kind: 'no-tmux' });
    await assert.rejects(ask(`tmux() { case $1 in -V) echo tmux 2.7;; *) echo 'error connecting to /x (Permission denied)'; return 1;; esac; }\n${listSessionsScript(null)}`), { code: 'failed', message: /Permission denied/ });
    assert.throws(() => parseListing(Buffer.from('motd\n')), { code: 'failed' });
  });

  it('makes sessions in a directory of any name', async () => {
    const dir = join(t.tmux.dir, "d #(touch x) %H #{pid} 'q'");
    await mkdir(dir);
    const id = await channel.request(newSession({ name: 'cockpit-dir', dir }));
    assert.equal(await channel.request(displayMessage(id, '#{session_name}')), 'cockpit-dir');
    await until(async () => (await channel.request(displayMessage(id, '#{pane_current_path}'))) === dir);
    await assert.rejects(channel.request(newSession({ name: 'cockpit-dir', dir })), { name: 'TmuxError', message: /duplicate session/ });
    assert.doesNotMatch(await t.tmux.run('show-options', '-s'), /@cockpit_dir/);
    await assert.rejects(channel.request(renameSession(id, 'cockpit-keep')), { name: 'TmuxError', message: /duplicate session/ });
    assert.equal(await t.tmux.run('show-options', '-t', id, '-qv', '@cockpit_name'), '');
  });
});
