import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { fleetClient, type FleetClient } from '../../support/fleetClient.ts';
import { until } from '../../support/until.ts';

describe('a host where cockpit-main cannot be made', function () {
  this.timeout(60_000);
  let cockpit: CockpitFixture;
  let fleet: FleetClient;
  let socket: string;

  before(async () => {
    cockpit = await cockpitFixture();
    socket = join(cockpit.dir, 'missing', 't.sock');
    await cockpit.writeConfig({ codex_path: '/nonexistent/codex', hosts: [{ alias: 'box', transport: 'local', tmux_socket: socket }] });
    await cockpit.must('up', '--no-attach');
    fleet = await fleetClient(cockpit);
  });
  after(async () => {
    execFileSync('tmux', ['-S', socket, 'kill-server']);
    fleet.dispose();
    await cockpit.dispose();
  });

  it('DISC-4 CTL-2 says why in lastError until it has a session', async () => {
    const { lastError, state } = await until(async () => [await fleet.host('box')].find((host) => host.lastError !== null), { timeoutMs: 20_000, what: 'an error' });
    assert.equal(state, 'online');
    assert.match(lastError ?? '', /could not create cockpit-main: .*No such file/);
    assert.match(await cockpit.must('status'), /could not create cockpit-main/);
    const [row] = (await fleet.client.request('audit/list', { session: null, limit: 10, sinceSeq: 0 })).actions;
    assert.deepEqual([row?.tool, row?.outcome], ['create-main', 'refused']);
    mkdirSync(join(cockpit.dir, 'missing'));
    execFileSync('tmux', ['-f', '/dev/null', '-S', socket, 'new-session', '-d', '-s', 'cockpit-mine', 'exec cat']);
    await fleet.has('box', 'cockpit-mine');
    assert.equal((await fleet.host('box')).lastError, null);
  });
});
