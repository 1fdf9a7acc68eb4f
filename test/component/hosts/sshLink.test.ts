import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shell } from '../../../src/supervisor/adapters/shell/shell.ts';
import { displayMessage } from '../../../src/supervisor/adapters/tmux/commands/paneCommands.ts';
import { observeLink, percentiles, type ObservedLink } from '../../support/hostLinkFixture.ts';
import { startProxy, type Proxy } from '../../support/proxy.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { until } from '../../support/until.ts';
import { ShellBench } from '../shell/fixtures.ts';

describe('host link over ssh', function () {
  this.timeout(60_000);
  let sshd: SshdFixture;
  let proxy: Proxy;
  let bench: ShellBench;
  let shell: Shell;
  let observed: ObservedLink | null;
  let socket: string;

  const tmux = (...args: string[]) => execFileSync('tmux', ['-u', '-f', '/dev/null', '-S', socket, ...args], { encoding: 'utf8', env: { ...process.env, TMUX: undefined, LC_ALL: 'C.UTF-8' } }).trimEnd();

  before(async () => {
    sshd = await startSshd();
    proxy = await startProxy(sshd.port);
    sshd.addAlias('far', { Port: proxy.port, HostKeyAlias: 'far', StrictHostKeyChecking: 'accept-new' });
    sshd.addAlias('stranger', { UserKnownHostsFile: '/dev/null', StrictHostKeyChecking: 'yes' });
    sshd.addAlias('nobody', { IdentityFile: sshd.makeKey('wrong_key') });
    bench = await ShellBench.start(sshd);
    socket = join(sshd.dir, 't.sock');
  });
  after(async () => {
    await bench.end();
    await proxy.stop();
    await sshd.stop();
  });
  beforeEach(async () => {
    observed = null;
    await proxy.listen();
    tmux('new-session', '-d', '-x', '80', '-y', '24', '-s', 'cockpit-main', 'exec cat');
  });
  afterEach(async () => {
    observed?.link.dispose();
    shell.dispose();
    execFileSync('tmux', ['-S', socket, 'kill-server']);
    await until(() => !sshd.commandLines().some((line) => line.startsWith('tmux')), { what: 'no tmux client at the far end' });
  });

  function connect(alias: string, pollIntervalMs = 2_000): ObservedLink {
    shell = bench.shell(alias, 'openssh');
    observed = observeLink(shell, socket, { alias, pollIntervalMs, random: () => 0 });
    return observed;
  }

  async function pushed(): Promise<ObservedLink> {
    const link = connect('far', 60_000);
    await link.online();
    await until(() => tmux('show-options', '-s').includes('@cockpit_client_'));
    return link;
  }

  it('DISC-1 DISC-2 sessions by push and watched screens over one login', async () => {
    const logins = sshd.logins();
    const far = await pushed();
    const figures: Record<string, number[]> = { session: [], screen: [], command: [] };
    const id = far.sessions()[0]?.id ?? '$0';
    far.link.watch(id);
    await until(() => tmux('show-options', '-s').split('@cockpit_client_').length === 3);
    const tty = tmux('display-message', '-p', '-t', id, '#{pane_tty}');
    for (let round = 0; round < 20; round += 1) {
      tmux('new-session', '-d', '-s', `cockpit-${round}`, 'exec cat');
      const madeMs = performance.now();
      await until(() => far.names().includes(`cockpit-${round}`));
      figures['session']?.push((far.last('host-sessions')?.atMs ?? NaN) - madeMs);
      const seen = new Promise<number>((resolve) => {
        const listening = far.link.onDidScreenChange((changed) => {
          if (changed !== id || !far.link.screen(id)?.text.includes(`mark${round}.`)) return;
          listening.dispose();
          resolve(performance.now());
        });
      });
      const startMs = performance.now();
      appendFileSync(tty, `mark${round}.\r\n`);
      figures['screen']?.push((await seen) - startMs);
      const askedMs = performance.now();
      await far.link.request(displayMessage(id, '#{pid}'));
      figures['command']?.push(performance.now() - askedMs);
      tmux('kill-session', '-t', `=cockpit-${round}`);
      await until(() => far.sessions().length === 1);
    }
    for (const [what, list] of Object.entries(figures)) {
      const { median, p95 } = percentiles(list);
      console.log(`      ${what} over ssh: median ${median} ms, p95 ${p95} ms`);
    }
    assert.ok(percentiles(figures['session'] ?? []).p95 <= 60);
    assert.ok(percentiles(figures['screen'] ?? []).median <= 40);
    assert.equal(sshd.logins(), logins + 1);
  });

  it('REL-1 DISC-7 a control client that a lost connection left goes when the link is back; one of another link of this life stays', async () => {
    const far = await pushed();
    const mark = /@cockpit_client_\d+ "?(\S+) \d+/.exec(tmux('show-options', '-s'))?.[1] ?? '';
    const attach = async (asMark: string) => {
      const client = spawn('tmux', ['-u', '-S', socket, '-C', 'attach-session', '-t', '$0'], { stdio: ['pipe', 'ignore', 'ignore'], env: { ...process.env, TMUX: undefined } });
      const ended = new Promise((resolve) => client.once('exit', resolve));
      const created = await until(() => new RegExp(`^${client.pid} (\\d+)$`, 'm').exec(tmux('list-clients', '-F', '#{client_pid} #{client_created}'))?.[1]);
      tmux('set-option', '-s', `@cockpit_client_${client.pid}`, `${asMark} ${created}`);
      return { client, ended };
    };
    const [left, other] = [await attach(mark), await attach(mark.replace(/\.[^.]+\.(\d+)$/, '.otherlink.$1'))];
    await proxy.close();
    await until(() => !far.link.isOnline);
    await proxy.listen();
    await left.ended;
    assert.equal(other.client.exitCode ?? other.client.signalCode, null);
    other.client.stdin.end();
    await other.ended;
  });

  it('DISC-6 DISC-7 a lost link is offline at once, keeps what was known, and comes back by itself', async () => {
    const far = await pushed();
    far.link.watch('$0');
    await until(() => tmux('show-options', '-s').split('@cockpit_client_').length === 3);
    const known = far.facts.length;
    const brokeMs = performance.now();
    await proxy.close();
    const offline = await until(() => [far.last('host-link')].find((fact) => fact?.link === 'offline'));
    console.log(`      loss known after ${Math.round(offline.atMs - brokeMs)} ms: ${offline.error ?? ''}`);
    assert.ok(offline.atMs - brokeMs < 500);
    assert.ok(offline.error !== null && !offline.error.includes('\n'));
    assert.equal(far.facts.slice(known).some((fact) => fact.kind === 'host-sessions'), false);
    assert.ok(far.link.screen('$0'), 'the last screen stays');
    await assert.rejects(far.link.request(displayMessage('$0', 'x')), { code: 'link-lost' });
    tmux('new-session', '-d', '-s', 'cockpit-meanwhile', 'exec cat');
    await proxy.listen();
    const backMs = performance.now();
    await until(() => far.link.isOnline, { timeoutMs: 10_000 });
    await until(() => far.names().includes('cockpit-meanwhile'));
    console.log(`      back ${Math.round(performance.now() - backMs)} ms after the link`);
    await until(() => tmux('list-clients').split('\n').length === 2, { what: 'main and watch channel are back' });
    tmux('send-keys', '-t', '$0', 'again');
    await until(() => far.link.screen('$0')?.text.includes('again'));
  });

  it('DISC-7 connects at once on demand', async () => {
    await proxy.close();
    const far = connect('far');
    await until(() => far.last('host-link')?.link === 'offline');
    await proxy.listen();
    const startMs = performance.now();
    far.link.reconnectNow();
    assert.equal(far.last('host-link')?.link, 'connecting');
    await until(() => far.link.isOnline);
    console.log(`      online ${Math.round(performance.now() - startMs)} ms after the request`);
  });

  it('DISC-12 an unknown host key needs a person and says so', async () => {
    const stranger = connect('stranger');
    const fact = await until(() => [stranger.last('host-link')].find((one) => one?.link === 'needs-login'));
    assert.match(fact.error ?? '', /stranger/);
    assert.equal(stranger.link.isOnline, false);
  });

  it('DISC-6 a refused key is offline with a concise error', async () => {
    const nobody = connect('nobody');
    const fact = await until(() => [nobody.last('host-link')].find((one) => one?.error));
    assert.ok(fact.link === 'offline' || fact.link === 'needs-login', fact.link);
    assert.ok((fact.error ?? '').length < 300 && !(fact.error ?? '').includes('\n'), fact.error ?? '');
  });
});
