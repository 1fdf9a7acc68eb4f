import assert from 'node:assert/strict';
import type { ConnectError, Shell } from '../../../src/supervisor/adapters/shell/shell.ts';
import type { Transport } from '../../../src/supervisor/domain/config.ts';
import { startProxy, type Proxy } from '../../support/proxy.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { until } from '../../support/until.ts';
import { connectErrorOf, ShellBench } from './fixtures.ts';

describe('Shell: the link breaks', () => {
  let sshd: SshdFixture;
  let proxy: Proxy;
  let bench: ShellBench;
  before(async () => {
    sshd = await startSshd();
    proxy = await startProxy(sshd.port);
    // the key is known under the server's own port
    sshd.addAlias('far', { Port: proxy.port, HostKeyAlias: `[127.0.0.1]:${sshd.port}` });
    bench = await ShellBench.start(sshd);
  });
  after(async () => {
    await bench.end();
    await proxy.stop();
    await sshd.stop();
  });

  for (const transport of ['openssh', 'ssh2'] satisfies Transport[]) {
    describe(transport, () => {
      let shell: Shell;
      let losses: { error: ConnectError; atMs: number }[];
      beforeEach(async () => {
        proxy.resume();
        shell = await bench.connected('far', transport);
        losses = [];
        shell.onDidClose((error) => losses.push({ error, atMs: performance.now() }));
      });
      afterEach(() => {
        shell.dispose();
      });

      const breaks: { name: string; act: () => void; withinMs: number }[] = [
        { name: 'DISC-7 a reset link is known within 100 ms', act: () => proxy.reset(), withinMs: 100 },
        { name: 'DISC-7 a killed sshd session is known within 100 ms', act: () => sshd.killConnections(), withinMs: 100 },
        { name: 'DISC-7 a half-open link is known within 10 s', act: () => proxy.stall(), withinMs: 10_000 },
      ];
      for (const { name, act, withinMs } of breaks) {
        it(name, async () => {
          const channel = await shell.open('exec cat');
          const running = connectErrorOf(shell.run('sleep 60'));
          await until(() => sshd.commandLines().includes('sleep 60'));
          const startMs = performance.now();
          act();
          const loss = await until(() => losses[0], { timeoutMs: 15_000 });
          assert.equal(loss.error.kind, 'lost');
          const tookMs = loss.atMs - startMs;
          assert.ok(tookMs <= withinMs, `took ${tookMs} ms`);
          assert.equal((await running).kind, 'lost');
          assert.equal((await channel.exited).exitCode, null);
          const logins = sshd.logins();
          assert.equal((await connectErrorOf(shell.run('true'))).kind, 'lost');
          assert.equal((await connectErrorOf(shell.open('exec cat'))).kind, 'lost');
          assert.equal(sshd.logins(), logins, 'nobody logged in behind our back');
          proxy.resume();
          await shell.connect();
          assert.equal((await shell.run('echo again')).stdout.toString(), 'again\n');
          assert.equal(losses.length, 1);
        });
      }

      it('DISC-7 dispose is no loss', async () => {
        const starting = connectErrorOf(shell.open('exec cat'));
        shell.dispose();
        assert.equal((await starting).kind, 'lost');
        await until(() => !sshd.commandLines().includes('cat'));
        assert.equal((await connectErrorOf(shell.run('true'))).kind, 'lost');
        assert.equal((await connectErrorOf(shell.connect())).kind, 'lost');
        assert.deepEqual(losses, []);
      });
    });
  }

  it('DISC-7 a slow link works', async () => {
    proxy.delay(50);
    const shell = await bench.connected('far', 'ssh2');
    assert.equal((await shell.run('cat', { input: Buffer.from('slow') })).stdout.toString(), 'slow');
    proxy.delay(0);
  });
});
