import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import type { HostView } from '../../../src/supervisor/protocol/statusView.ts';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { freePort, startSshd, type SshdFixture } from '../../support/sshd.ts';
import { openTerminal, type Terminal } from '../../support/terminal.ts';
import { until } from '../../support/until.ts';

/** What a remote needs for cockpit, without tmux. */
const programs = ['sh', 'bash', 'cat', 'uname', 'nproc', 'sleep', 'kill', 'env'];

describe('hosts that cannot be used as they are', function () {
  this.timeout(90_000);
  let plain: SshdFixture;
  let odd: SshdFixture;
  let bare: SshdFixture;
  let silent: Server;
  let cockpit: CockpitFixture;
  let knownHosts: string;
  const terminals: Terminal[] = [];

  const hostLine = (key: string) => `[127.0.0.1]:${plain.port} ${readFileSync(`${key}.pub`, 'utf8')}`;
  const write = (name: string, text: string) => {
    writeFileSync(join(plain.dir, name), text);
    return join(plain.dir, name);
  };
  const host = async (alias: string): Promise<HostView> => {
    const found = (await cockpit.status()).hosts.find((row) => row.alias === alias);
    assert.ok(found, alias);
    return found;
  };
  const remote = (alias: string, ...args: string[]) => execFileSync('tmux', ['-S', join(plain.dir, `${alias}.sock`), ...args], { encoding: 'utf8' });

  before(async () => {
    plain = await startSshd({ aliases: ['good'] });
    const path = join(plain.dir, 'bin');
    mkdirSync(path);
    for (const program of programs) symlinkSync(execFileSync('which', [program], { encoding: 'utf8' }).trim(), join(path, program));
    odd = await startSshd({ aliases: [], serverLines: ['MaxSessions 2'], loginScript: 'echo "welcome to \\033[31m the machine"; sleep 1.5; echo oops >&2\n' });
    bare = await startSshd({ aliases: [], env: { PATH: path } });
    silent = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const stranger = plain.makeKey('stranger');
    knownHosts = write('unknown', '');
    plain.addAlias('refused', { Port: await freePort() });
    plain.addAlias('black-hole', { Port: (silent.address() as AddressInfo).port });
    plain.addAlias('unknown-key', { UserKnownHostsFile: knownHosts });
    plain.addAlias('changed-key', { UserKnownHostsFile: write('changed', hostLine(stranger)) });
    plain.addAlias('wrong-key', { IdentityFile: stranger });
    const locked = plain.makeKey('locked', 'a passphrase');
    plain.authorize(locked);
    plain.addAlias('locked-key', { IdentityFile: locked });
    plain.addAlias('odd', { Port: odd.port, IdentityFile: odd.userKey, UserKnownHostsFile: odd.knownHosts });
    plain.addAlias('bare', { Port: bare.port, IdentityFile: bare.userKey, UserKnownHostsFile: bare.knownHosts });
    cockpit = await cockpitFixture({ COCKPIT_SSH_CONFIG: plain.configFile });
    const aliases = ['good', 'refused', 'black-hole', 'unknown-key', 'changed-key', 'wrong-key', 'locked-key', 'odd', 'bare'];
    await cockpit.writeConfig({
      codex_path: '/nonexistent/codex',
      hosts: [...aliases.map((alias) => ({ alias, tmux_socket: join(plain.dir, `${alias}.sock`) })), { alias: 'nowhere', ssh_target: 'no-such..alias' }],
    });
    remote('good', 'new-session', '-d', '-s', 'cockpit-there', 'exec cat');
    await cockpit.must('up', '--no-attach');
  });

  after(async () => {
    for (const terminal of terminals) await terminal.close();
    await cockpit.dispose();
    silent.close();
    remote('good', 'kill-server'); // the only one that was not started through sshd
    for (const sshd of [plain, odd, bare]) await sshd.stop();
  });

  const cases: { alias: string; ids: string; state: HostView['state']; says: RegExp }[] = [
    { alias: 'refused', ids: 'DISC-6', state: 'offline', says: /connection was refused; is sshd running there/ },
    { alias: 'black-hole', ids: 'DISC-6', state: 'offline', says: /no answer; is the machine up/ },
    { alias: 'nowhere', ids: 'DISC-6', state: 'offline', says: /there is no host "no-such..alias"; check ssh_target/ },
    { alias: 'unknown-key', ids: 'DISC-1 DISC-12', state: 'needs-login', says: /host key is not known yet; compare its fingerprint/ },
    { alias: 'changed-key', ids: 'DISC-1 DISC-12', state: 'needs-login', says: /host key has CHANGED, which can be an attack/ },
    { alias: 'wrong-key', ids: 'DISC-12', state: 'offline', says: /permission denied \(publickey\); add your public key/ },
    { alias: 'locked-key', ids: 'DISC-12', state: 'needs-login', says: /needs its passphrase \(or load it with ssh-add\)/ },
    { alias: 'bare', ids: 'CTL-2', state: 'online', says: /tmux is not installed on bare: install tmux/ },
  ];
  for (const { alias, ids, state, says } of cases) {
    it(`${ids} ${alias} is ${state}, with one line that says what to do`, async () => {
      await until(async () => (await host(alias)).state !== 'connecting', { timeoutMs: 15_000 });
      const seen = await host(alias);
      assert.equal(seen.state, state, String(seen.lastError));
      assert.match(seen.lastError ?? '', says);
      assert.ok((seen.lastError ?? '').length <= 200, 'concise');
      assert.doesNotMatch(seen.lastError ?? '', /[\p{Cc}]/u);
      assert.equal((await cockpit.must('status')).split('\n').filter((line) => line.includes(seen.lastError ?? '?')).length, 1);
    });
  }

  it('DISC-2 CTL-2 the good host beside them works', async () => {
    const seen = await host('good');
    assert.deepEqual([seen.state, seen.lastError, seen.sessions.map((session) => session.name)], ['online', null, ['cockpit-there']]);
    remote('good', 'new-session', '-d', '-s', 'cockpit-more', 'exec cat');
    await until(async () => (await host('good')).sessions.length === 2, { timeoutMs: 2_000 });
  });

  it('DISC-1 a noisy and slow login shell behind MaxSessions 2 is no error', async () => {
    await until(async () => (await host('odd')).sessions.length === 1, { timeoutMs: 30_000, what: 'cockpit-main on odd' });
    const seen = await host('odd');
    assert.deepEqual([seen.state, seen.lastError, seen.sessions[0]?.name], ['online', null, 'cockpit-main']);
    await cockpit.must('peek', 'odd/main');
    remote('odd', 'new-session', '-d', '-s', 'cockpit-more', 'exec cat');
    await until(async () => (await host('odd')).sessions.length === 2, { timeoutMs: 10_000 });
  });

  it('DISC-1 nothing was accepted silently: known_hosts is untouched', () => {
    assert.equal(readFileSync(knownHosts, 'utf8'), '');
  });

  it('CTL-1 every command on such a host fails with the same line and what to do', async () => {
    for (const args of [['new', 'unknown-key'], ['adopt', 'unknown-key'], ['new', 'refused']]) {
      const { exitCode, stderr } = await cockpit.cli(...args);
      assert.equal(exitCode, 1);
      assert.match(stderr, /unknown-key is needs-login: .*not known yet.*cockpit connect unknown-key|refused is (offline|connecting)/s);
    }
    const bare = await cockpit.cli('new', 'bare');
    assert.equal(bare.exitCode, 1);
    assert.match(bare.stderr, /tmux/);
    const wrong = await cockpit.cli('new', 'god');
    assert.match(wrong.stderr, /no host "god".*Did you mean "good"/);
  });

  it('DISC-12 connect without a terminal says what to do, exit 2', async () => {
    const { exitCode, stderr } = await cockpit.cli('connect', 'unknown-key');
    assert.equal(exitCode, 2);
    assert.match(stderr, /needs a terminal/);
  });

  it('DISC-12 DISC-1 connect in a terminal shows the fingerprint; "no" leaves everything as it was', async () => {
    const terminal = await openTerminal(cockpit.argv('connect', 'unknown-key'), { env: cockpit.env });
    terminals.push(terminal);
    await terminal.shows(/fingerprint is SHA256:[\s\S]*yes\/no/);
    await terminal.type('no');
    await terminal.key('Enter');
    assert.equal(await terminal.ended(), 1, await terminal.screen());
    assert.match(await terminal.screen(), /unknown-key: the login did not work/);
    assert.equal(readFileSync(knownHosts, 'utf8'), '');
    assert.equal((await until(async () => ((await host('unknown-key')).state === 'connecting' ? null : host('unknown-key')))).state, 'needs-login');
  });

  it('DISC-12 DISC-1 with "yes" the key is written down and the host comes online by itself', async () => {
    const terminal = await openTerminal(cockpit.argv('connect', 'unknown-key'), { env: cockpit.env });
    terminals.push(terminal);
    await terminal.shows(/yes\/no/);
    await terminal.type('yes');
    await terminal.key('Enter');
    assert.equal(await terminal.ended(), 0, await terminal.screen());
    assert.match(await terminal.screen(), /unknown-key: connected/);
    await until(async () => (await host('unknown-key')).sessions[0]?.name === 'cockpit-main', { what: 'online with its first session' });
    assert.equal((await host('unknown-key')).lastError, null);
    assert.ok(readFileSync(knownHosts, 'utf8').includes(readFileSync(`${plain.hostKey}.pub`, 'utf8').split(' ')[1] ?? '?'));
  });

  it('DISC-12 connect asks for the passphrase of an encrypted key', async () => {
    const terminal = await openTerminal(cockpit.argv('connect', 'locked-key'), { env: cockpit.env });
    terminals.push(terminal);
    await terminal.shows(/passphrase/i);
    await terminal.type('a passphrase');
    await terminal.key('Enter');
    assert.equal(await terminal.ended(), 0, await terminal.screen());
    assert.doesNotMatch(await terminal.screen(), /a passphrase$/m);
    await until(async () => (await host('locked-key')).state === 'online');
  });

  it('DISC-1 a changed host key is refused in the terminal too', async () => {
    const terminal = await openTerminal(cockpit.argv('connect', 'changed-key'), { env: cockpit.env });
    terminals.push(terminal);
    assert.equal(await terminal.ended(), 1);
    assert.match(await terminal.screen(), /HAS CHANGED/);
    await until(async () => (await host('changed-key')).state === 'needs-login');
    assert.match((await host('changed-key')).lastError ?? '', /CHANGED/);
  });

  it('DISC-7 what was mended comes online without a restart', async () => {
    plain.authorize(join(plain.dir, 'stranger'));
    await cockpit.must('up', '--no-attach');
    await until(async () => (await host('wrong-key')).state === 'online', { timeoutMs: 5_000 });
  });
});
