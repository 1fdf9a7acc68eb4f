import assert from 'node:assert/strict';
import { createLocalShell } from '../../../src/supervisor/adapters/shell/localShell.ts';
import type { Shell } from '../../../src/supervisor/adapters/shell/shell.ts';
import { pace } from '../../support/pace.ts';
import { nullLogger } from '../../../src/supervisor/base/logger.ts';
import { observeLink, type ObservedLink } from '../../support/hostLinkFixture.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';

/** tmux looks at subscriptions once a second. */
const looksMs = 2_300;

describe('a remote tmux server', function () {
  this.timeout(30_000);
  let tmux: TmuxFixture;
  let shell: Shell;
  let box: ObservedLink;
  const clients = async () => (await tmux.run('list-clients', '-F', '#{client_pid} #{session_id}')).split('\n').filter(Boolean).map((line) => line.split(' '));
  beforeEach(async () => {
    tmux = await startTmux();
    shell = createLocalShell('box', nullLogger);
    box = observeLink(shell, tmux.socket);
    await box.online();
    await until(async () => (await clients()).length > 0, { what: 'a control client' });
  });
  afterEach(async () => {
    box.link.dispose();
    shell.dispose();
    await tmux.stop();
  });

  it('REL-1 lives on when a session is killed whose control client of ours is slow to end (tmux crashes over a subscription of the session itself)', async () => {
    const other = await tmux.newSession('cockpit-other');
    await until(() => box.names().length === 2, { what: 'both sessions are known' });
    const [[pid = '', attachedTo = ''] = []] = await clients();
    const pidOfServer = await tmux.run('display-message', '-p', '#{pid}');
    // As slow as a busy machine or a stalled link makes it.
    await pace(1_200);
    process.kill(Number(pid), 'SIGSTOP');
    try {
      await tmux.run('kill-session', '-t', attachedTo);
      await tmux.run('send-keys', '-t', other.paneId, '-l', 'news');
      await pace(looksMs);
      assert.equal(await tmux.run('display-message', '-p', '#{pid}'), pidOfServer);
    } finally {
      process.kill(Number(pid), 'SIGCONT');
    }
    await until(() => box.names().join() === 'cockpit-other', { what: 'the end of the session is known' });
  });

  it('DISC-2 what other sessions write is still seen when the window is closed through which it was watched', async () => {
    const other = await tmux.newSession('cockpit-other');
    await until(() => box.names().length === 2, { what: 'both sessions are known' });
    const [[, attachedTo = ''] = []] = await clients();
    const seesNews = async (text: string) => {
      const quiet = attachedTo === other.id ? (await tmux.run('list-panes', '-t', '=cockpit-keep', '-F', '#{pane_id}')).split('\n')[0] : other.paneId;
      await tmux.run('send-keys', '-t', quiet ?? '', '-l', text);
      await until(() => box.facts.some((fact) => fact.kind === 'screen' && fact.text.includes(text)), { timeoutMs: 6_000, what: text });
    };
    await seesNews('first');
    const window = await tmux.run('display-message', '-p', '-t', attachedTo, '#{window_id}');
    await tmux.run('new-window', '-d', '-t', `${attachedTo}:`, 'cat');
    await tmux.run('kill-window', '-t', window);
    await seesNews('second');
  });
});
