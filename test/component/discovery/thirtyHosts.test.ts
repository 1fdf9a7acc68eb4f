import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { fleetClient, type FleetClient } from '../../support/fleetClient.ts';
import { percentiles } from '../../support/hostLinkFixture.ts';
import { startProxy, type Proxy } from '../../support/proxy.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { until } from '../../support/until.ts';

const exec = promisify(execFile);
const aliases = Array.from({ length: 30 }, (_, at) => `h${at}`);

describe('30 hosts at once', function () {
  this.timeout(180_000);
  let sshd: SshdFixture;
  let proxy: Proxy;
  let cockpit: CockpitFixture;
  let fleet: FleetClient;

  const remoteArgs = (alias: string, args: string[]) => ['-f', '/dev/null', '-S', join(sshd.dir, `${alias}.sock`), ...args];
  const remote = (alias: string, ...args: string[]) => exec('tmux', remoteArgs(alias, args), { env: { ...process.env, HOME: sshd.home } });
  /** How long it takes until the fleet knows a new session, from the end of the tmux client that made it, in ms. */
  const known = async (alias: string, name: string) => {
    const made = remote(alias, 'new-session', '-d', '-s', name, 'exec cat').then(() => performance.now());
    await until(async () => (await fleet.names(alias)).includes(name), { what: `${alias}/${name}` });
    return performance.now() - (await made);
  };

  before(async () => {
    sshd = await startSshd({ aliases: aliases.slice(1) });
    proxy = await startProxy(sshd.port);
    writeFileSync(join(sshd.dir, 'far'), readFileSync(sshd.knownHosts, 'utf8').replace(String(sshd.port), String(proxy.port)));
    sshd.addAlias('h0', { Port: proxy.port, UserKnownHostsFile: join(sshd.dir, 'far') });
    cockpit = await cockpitFixture({ COCKPIT_SSH_CONFIG: sshd.configFile });
    await cockpit.writeConfig({ codex_path: '/nonexistent/codex', hosts: aliases.map((alias) => ({ alias, tmux_socket: join(sshd.dir, `${alias}.sock`) })) });
  });
  after(async () => {
    fleet.dispose();
    await cockpit.dispose();
    await proxy.stop();
    await sshd.stop();
  });

  it('DISC-1 DISC-4 all come online with one login each and their first session', async () => {
    const startedMs = performance.now();
    await cockpit.must('up', '--no-attach');
    fleet = await fleetClient(cockpit);
    await until(async () => (await fleet.status()).hosts.every((host) => host.state === 'online' && host.sessions.length === 1 && host.sessions[0]?.owner === 'agent'), { timeoutMs: 60_000, what: 'all hosts are online' });
    console.log(`      30 hosts online with their first session after ${Math.round(performance.now() - startedMs)} ms (${sshd.logins()} logins)`);
    assert.equal(sshd.logins(), 30);
  });

  it('DISC-2 a new session on any of them is known quickly', async () => {
    const figures: number[] = [];
    for (let round = 0; round < 2; round += 1) for (const alias of aliases) figures.push(await known(alias, `cockpit-r${round}`));
    const { median, p95, max } = percentiles(figures);
    // The client that asks polls every 10 ms, which is in the figure.
    console.log(`      new session known: median ${median} ms, p95 ${p95} ms, max ${max} ms after the tmux client ended`);
    assert.ok(p95 < 250, `p95 ${p95} ms`);
  });

  it('DISC-6 DISC-7 the loss of one does not disturb the others, and it comes back', async () => {
    const before = (await fleet.status()).hosts.slice(1).map((host) => [host.alias, host.state, host.sessions.map((session) => [session.key, session.epoch, session.owner])]);
    await proxy.close();
    proxy.reset();
    await until(async () => (await fleet.host('h0')).state === 'offline');
    const figures: number[] = [];
    for (const alias of aliases.slice(1, 11)) figures.push(await known(alias, 'cockpit-while'));
    assert.ok(percentiles(figures).p95 < 250, JSON.stringify(figures));
    for (const alias of aliases.slice(1, 11)) await remote(alias, 'kill-session', '-t', 'cockpit-while');
    await until(async () => (await fleet.status()).hosts.every((host) => host.sessions.length === 3));
    assert.deepEqual((await fleet.status()).hosts.slice(1).map((host) => [host.alias, host.state, host.sessions.map((session) => [session.key, session.epoch, session.owner])]), before);
    assert.equal(sshd.logins(), 30);
    await proxy.listen();
    await until(async () => (await fleet.host('h0')).state === 'online', { timeoutMs: 30_000, what: 'it comes back by itself' });
    assert.equal(sshd.logins(), 31);
  });

  it('CTL-2 status of them all is one line for each host and session, and down leaves nothing but the remote sessions', async () => {
    const lines = (await cockpit.must('status')).split('\n');
    assert.equal(lines.filter((line) => /^h\d+: online/.test(line)).length, 30);
    assert.equal(lines.filter((line) => /^ {4}\$\d+ /.test(line)).length, 90);
    await cockpit.must('down');
    assert.equal(execFileSync('tmux', remoteArgs('h7', ['list-clients']), { encoding: 'utf8' }), '');
    assert.equal(execFileSync('tmux', remoteArgs('h7', ['list-sessions', '-F', '#{session_name}']), { encoding: 'utf8' }).trim().split('\n').length, 3);
  });
});
