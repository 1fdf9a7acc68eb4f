import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { fleetClient, type FleetClient } from '../../support/fleetClient.ts';
import { startProxy, type Proxy } from '../../support/proxy.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { until } from '../../support/until.ts';

/** tmux 3.2 or newer is pushed; the other way is the one of older tmux, forced (COCKPIT_FORCE_ASKING), on the same tmux. */
const ways = [{ way: 'push', env: {} }, { way: 'asking, forced', env: { COCKPIT_FORCE_ASKING: '1' } }];

for (const { way, env } of ways) {
  describe(`discovery over ssh: ${way}`, function () {
    this.timeout(60_000);
    let sshd: SshdFixture;
    let proxy: Proxy;
    let cockpit: CockpitFixture;
    let fleet: FleetClient;

    const remote = (alias: string, ...args: string[]) => execFileSync('tmux', ['-f', '/dev/null', '-S', join(sshd.dir, `${alias}.sock`), ...args], { encoding: 'utf8', env: { ...process.env, HOME: sshd.home, TMUX: undefined } }).trim();
    const make = (alias: string, name: string) => remote(alias, 'new-session', '-d', '-P', '-F', '#{session_id}', '-s', name, 'exec cat');

    before(async () => {
      sshd = await startSshd({ aliases: ['box', 'attic'] });
      proxy = await startProxy(sshd.port);
      writeFileSync(join(sshd.dir, 'far'), readFileSync(sshd.knownHosts, 'utf8').replace(String(sshd.port), String(proxy.port)));
      sshd.addAlias('far', { Port: proxy.port, UserKnownHostsFile: join(sshd.dir, 'far') });
      cockpit = await cockpitFixture({ COCKPIT_SSH_CONFIG: sshd.configFile, ...env });
      await cockpit.writeConfig({ codex_path: '/nonexistent/codex', poll_interval: '300ms', hosts: ['box', 'attic', 'far'].map((alias) => ({ alias, tmux_socket: join(sshd.dir, `${alias}.sock`) })) });
      make('attic', 'cockpit-old');
      make('attic', 'mine');
      await cockpit.must('up', '--no-attach');
      fleet = await fleetClient(cockpit);
    });
    after(async () => {
      fleet.dispose();
      await cockpit.dispose();
      await proxy.stop();
      await sshd.stop();
    });

    it('DISC-4 a host without sessions gets cockpit-main on first discovery, one that has some gets nothing; DISC-3 others are not shown', async () => {
      await fleet.has('box', 'cockpit-main');
      await fleet.has('attic', 'cockpit-old');
      await fleet.has('far', 'cockpit-main');
      assert.equal(remote('attic', 'list-sessions', '-F', '#{session_name}'), 'cockpit-old\nmine');
      assert.equal(remote('attic', 'show-options', '-t', 'mine'), '', 'nothing of ours on it');
    });

    it('DISC-2 new, renamed, renamed away and back, killed, and vanished by itself', async () => {
      const id = make('box', 'cockpit-a');
      await fleet.has('box', 'cockpit-main', 'cockpit-a');
      remote('box', 'rename-session', '-t', id, 'cockpit-b');
      await fleet.has('box', 'cockpit-main', 'cockpit-b');
      remote('box', 'rename-session', '-t', id, 'mine');
      await fleet.has('box', 'cockpit-main');
      remote('box', 'rename-session', '-t', id, 'cockpit-c');
      await fleet.has('box', 'cockpit-main', 'cockpit-c');
      remote('box', 'kill-session', '-t', id);
      await fleet.has('box', 'cockpit-main');
      remote('box', 'new-session', '-d', '-s', 'cockpit-brief', 'read line');
      await fleet.has('box', 'cockpit-main', 'cockpit-brief');
      remote('box', 'send-keys', '-t', 'cockpit-brief', 'Enter');
      await fleet.has('box', 'cockpit-main');
    });

    it('DISC-2 a burst of 30 sessions: each is there, each is owned by the agent, and none is left behind', async () => {
      for (let at = 0; at < 30; at += 1) make('box', `cockpit-burst${at}`);
      await until(async () => (await fleet.names('box')).length === 31);
      await until(async () => (await fleet.host('box')).sessions.every((session) => session.owner === 'agent'));
      for (let at = 0; at < 30; at += 1) remote('box', 'kill-session', '-t', `=cockpit-burst${at}`);
      await fleet.has('box', 'cockpit-main');
    });

    it('DISC-6 a killed tmux server: no sessions, the host stays online; in agent focus the selected host gets cockpit-main again (DISC-4), another does not', async () => {
      await fleet.client.request('select', { host: 'box', session: null, focus: 'agent' });
      remote('attic', 'kill-server');
      await fleet.has('attic');
      assert.deepEqual([(await fleet.host('attic')).state, (await fleet.host('attic')).lastError], ['online', null]);
      const before = await fleet.session('box', 'cockpit-main');
      remote('box', 'kill-server');
      await fleet.session('box', 'cockpit-main', (session) => session.owner === 'agent');
      assert.ok((await fleet.session('box', 'cockpit-main')).id === before.id, 'the same id from a new server');
      assert.deepEqual(await fleet.names('attic'), []);
      await until(() => make('attic', 'cockpit-back'));
      await fleet.session('attic', 'cockpit-back', (session) => session.owner === 'agent');
    });

    it('OWN-6 in remote focus an empty host stays empty, and the first session that returns is claimed for the operator', async () => {
      await fleet.client.request('select', { host: 'attic', session: null, focus: 'remote' });
      await fleet.session('attic', 'cockpit-back', (session) => session.owner === 'human');
      remote('attic', 'kill-server');
      await fleet.has('attic');
      await until(() => make('attic', 'cockpit-mine'));
      await fleet.session('attic', 'cockpit-mine', (session) => session.owner === 'human');
      await fleet.client.request('select', { host: 'box', session: null, focus: 'agent' });
      await fleet.session('attic', 'cockpit-mine', (session) => session.owner === 'agent');
    });

    it('DISC-6 DISC-7 a host that goes away is offline with its last error and keeps what was seen, and comes back by itself with what is new', async () => {
      const before = await fleet.session('far', 'cockpit-main', (session) => session.owner === 'agent');
      await proxy.close();
      proxy.reset();
      await until(async () => (await fleet.host('far')).state === 'offline');
      const gone = await fleet.host('far');
      assert.match(gone.lastError ?? '', /far: .*(refused|lost|closed)/);
      assert.deepEqual(gone.sessions.map((session) => [session.name, session.state, session.owner]), [['cockpit-main', 'offline', 'unread']]);
      await until(async () => ((await fleet.host('far')).ageMs ?? 0) > 500, { what: 'the age of what is shown grows' });
      assert.equal((await fleet.host('box')).state, 'online', 'the others are not disturbed');
      const id = make('far', 'cockpit-meanwhile');
      await proxy.listen();
      await fleet.client.request('host/reconnect', { host: 'far' });
      await fleet.has('far', 'cockpit-main', 'cockpit-meanwhile');
      const back = await fleet.session('far', 'cockpit-main', (session) => session.owner === 'agent' && session.state !== 'offline');
      assert.deepEqual([back.key, back.epoch], [before.key, before.epoch]);
      assert.equal((await fleet.host('far')).lastError, null);
      remote('far', 'kill-session', '-t', id);
      await fleet.has('far', 'cockpit-main');
    });

    it('DISC-6 a host whose sessions all ended while it was away has none when it is back', async () => {
      await proxy.close();
      proxy.reset();
      await until(async () => (await fleet.host('far')).state === 'offline');
      remote('far', 'kill-server');
      await proxy.listen();
      await fleet.client.request('host/reconnect', { host: 'far' });
      await until(async () => (await fleet.host('far')).state === 'online');
      await fleet.has('far');
    });
  });
}
