import assert from 'node:assert/strict';
import type { HostView } from '../../../src/supervisor/protocol/statusView.ts';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { startProxy, type Proxy } from '../../support/proxy.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { startSupervisorChild, type SupervisorChild } from '../../support/supervisorChild.ts';
import { until } from '../../support/until.ts';

describe('a link that breaks', function () {
  this.timeout(90_000);
  let sshd: SshdFixture;
  let proxy: Proxy;
  let cockpit: CockpitFixture;
  let supervisor: SupervisorChild;
  before(async () => {
    sshd = await startSshd({ aliases: ['near'] });
    proxy = await startProxy(sshd.port);
    sshd.addAlias('far', { Port: proxy.port, HostKeyAlias: `[127.0.0.1]:${sshd.port}` });
    cockpit = await cockpitFixture({ COCKPIT_SSH_CONFIG: sshd.configFile });
    await cockpit.writeConfig({ hosts: [{ alias: 'far', tmux_socket: `${sshd.dir}/t.sock` }], codex_path: '/nowhere/codex' });
    supervisor = await startSupervisorChild(cockpit);
    await state('online', 15_000);
  });
  after(async () => {
    proxy.resume();
    await cockpit.dispose();
    await proxy.stop();
    await sshd.stop();
  });

  const far = async (): Promise<HostView> => {
    const client = await supervisor.connect();
    try {
      const [host] = (await client.request('status', {})).hosts;
      assert.ok(host);
      return host;
    } finally {
      client.dispose();
    }
  };
  const state = async (wanted: HostView['state'], timeoutMs: number) => {
    const startedMs = performance.now();
    await until(async () => (await far()).state === wanted, { timeoutMs, what: wanted });
    return Math.round(performance.now() - startedMs);
  };

  it('DISC-7 DISC-6 a half-open link is noticed within 10 s: offline, with its error and the age of what is shown', async () => {
    await until(async () => (await far()).sessions.length === 1, { what: 'cockpit-main' });
    proxy.stall();
    const noticedMs = await state('offline', 10_000);
    const host = await far();
    assert.match(host.lastError ?? '', /lost|gone/);
    assert.equal(host.sessions.length, 1, 'its sessions are still shown');
    assert.equal(host.sessions[0]?.state, 'offline');
    assert.ok((host.ageMs ?? 0) >= noticedMs - 3_000, `age ${host.ageMs} ms`);
    console.log(`    noticed after ${noticedMs} ms`);
  });

  it('DISC-7 when bytes pass again it is back', async () => {
    proxy.resume();
    const backMs = await state('online', 45_000);
    console.log(`    back after ${backMs} ms`);
  });

  it('DISC-7 a lost link (RST) is noticed at once, and `cockpit up` connects at once however long the backoff is', async () => {
    await proxy.close();
    const noticedMs = await state('offline', 1_000);
    // Let the backoff grow: the next attempt by itself is seconds away then.
    const attempts = () => sshd.log().length;
    let quietSinceMs = performance.now();
    let seen = attempts();
    let lastError = '';
    await until(
      async () => {
        const host = await far();
        const now = `${host.state} ${host.lastError ?? ''} ${attempts()}`;
        if (now !== lastError || seen !== attempts()) quietSinceMs = performance.now();
        lastError = now;
        seen = attempts();
        return performance.now() - quietSinceMs > 6_000;
      },
      { timeoutMs: 60_000, what: 'a backoff of more than 6 s' },
    );
    await proxy.listen();
    const startedMs = performance.now();
    assert.match(await cockpit.must('up', '--no-attach'), /already running/);
    assert.equal((await far()).state, 'online');
    const backMs = Math.round(performance.now() - startedMs);
    console.log(`    RST noticed after ${noticedMs} ms; up connected within ${backMs} ms`);
    assert.ok(backMs < 5_000);
  });
});
