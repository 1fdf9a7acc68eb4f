import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { fleetClient, type FleetClient } from '../../support/fleetClient.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { openTerminal } from '../../support/terminal.ts';
import { until } from '../../support/until.ts';

const transports = ['openssh', 'ssh2', 'local'] as const;

describe('transports', function () {
  this.timeout(60_000);
  let sshd: SshdFixture;
  let cockpit: CockpitFixture;
  let fleet: FleetClient;
  const remote = (alias: string, ...args: string[]) => execFileSync('tmux', ['-f', '/dev/null', '-S', join(sshd.dir, `${alias}.sock`), ...args], { encoding: 'utf8' }).trim();

  before(async () => {
    sshd = await startSshd({ aliases: [...transports] });
    cockpit = await cockpitFixture({ COCKPIT_SSH_CONFIG: sshd.configFile });
    await cockpit.writeConfig({ codex_path: '/nonexistent/codex', hosts: transports.map((transport) => ({ alias: transport, transport, tmux_socket: join(sshd.dir, `${transport}.sock`) })) });
    await cockpit.must('up', '--no-attach');
    fleet = await fleetClient(cockpit);
  });
  after(async () => {
    fleet.dispose();
    await cockpit.dispose();
    for (const alias of transports) remote(alias, 'kill-server');
    await sshd.stop();
  });

  for (const transport of transports) {
    it(`DISC-10 ${transport}: first session, push, facts, new, peek, attach, adopt, kill`, async () => {
      await fleet.session(transport, 'cockpit-main', (session) => session.owner === 'agent');
      const host = await until(async () => [await fleet.host(transport)].find((row) => row.facts !== null));
      assert.ok(host.state === 'online' && host.lastError === null && (host.facts?.cpus ?? 0) > 0 && host.tmux !== null, JSON.stringify(host));
      await cockpit.must('new', transport, '--name', 'made');
      await fleet.has(transport, 'cockpit-main', 'cockpit-made');
      remote(transport, 'send-keys', '-t', 'cockpit-made', 'echo seen-$((40+2))', 'Enter');
      await until(async () => (await cockpit.must('peek', `${transport}/made`)).includes('seen-42'));
      const terminal = await openTerminal(cockpit.argv('attach', `${transport}/made`), { env: cockpit.env });
      try {
        await terminal.shows(/seen-42/);
        await terminal.type('echo typed-$((50+3))');
        await terminal.key('Enter');
        await terminal.shows(/typed-53/);
      } finally {
        await terminal.close();
      }
      remote(transport, 'new-session', '-d', '-s', 'mine', 'exec cat');
      await cockpit.must('adopt', `${transport}/mine`, '--yes');
      await cockpit.must('kill', `${transport}/mine`, '--yes');
      await fleet.has(transport, 'cockpit-main', 'cockpit-made');
    });
  }

  it('DISC-12 connect: local needs none, ssh2 says that it cannot ask and what to do', async () => {
    for (const [alias, says] of [['local', /local: .*needs no login/], ['ssh2', /ssh2: .*transport: openssh/]] as const) {
      const terminal = await openTerminal(cockpit.argv('connect', alias), { env: cockpit.env });
      try {
        assert.equal(await terminal.ended(), 1);
        assert.match(await terminal.screen(), says);
      } finally {
        await terminal.close();
      }
    }
  });
});
