import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { api } from '../../../src/supervisor/protocol/api.ts';
import { connect } from '../../../src/supervisor/protocol/client.ts';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { openTerminal, type Terminal } from '../../support/terminal.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';

describe('the terminals of an editor window', function () {
  this.timeout(60_000);
  let host: TmuxFixture;
  let cockpit: CockpitFixture;
  let viewer: Terminal;

  before(async () => {
    host = await startTmux();
    await host.newSession('cockpit-build', "PS1='build> ' exec sh -i");
    await host.run('kill-session', '-t', 'cockpit-keep');
    cockpit = await cockpitFixture();
    await cockpit.writeConfig({ hosts: [{ alias: 'alpha', transport: 'local', tmux_socket: host.socket }], codex_path: '/nonexistent' });
    await cockpit.must('up', '--no-attach');
    const client = await connect(cockpit.paths, api, 'test');
    viewer = await openTerminal((await client.request('ui/pair', {})).viewer, { env: cockpit.env });
    client.dispose();
  });

  after(async () => {
    await viewer.close();
    await cockpit.dispose();
    await host.stop();
  });

  it('PAIR-5 VSC-3 show the selection again after the inner server was killed', async () => {
    await viewer.shows(/build>/);
    for (let round = 0; round < 3; round += 1) {
      const pid = Number(execFileSync('tmux', ['-S', cockpit.paths.viewerTmux, 'display-message', '-p', '#{pid}'], { encoding: 'utf8' }));
      process.kill(pid, 'SIGKILL');
      await until(async () => !/build>/.test(await viewer.screen()), { what: 'the terminal lost what it showed' });
      const killedMs = performance.now();
      await viewer.shows(/build>/);
      assert.ok(performance.now() - killedMs < 3_000);
    }
  });
});
