import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { cockpitFixture, type CliResult, type CockpitFixture } from '../../support/cockpit.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';
import { call, connect } from '../mcp/mcpClient.ts';

const namespace = [['-m'], ['-rm']].find((flags) => spawnSync('unshare', [...flags, 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0);

/** A data directory on a file system of 8 MB that only this test sees. */
(namespace ? describe : describe.skip)('a full disk', function () {
  this.timeout(90_000);
  let tmux: TmuxFixture;
  let cockpit: CockpitFixture;
  let holder: ChildProcess;

  const inside = (argv: string[]): Promise<CliResult> =>
    new Promise((resolve) => {
      const enter = ['-t', String(holder.pid), '-m', ...(namespace?.includes('-rm') ? ['-U', '--preserve-credentials'] : [])];
      execFile('nsenter', [...enter, '--', ...argv], { env: cockpit.env, timeout: 60_000 }, (error, stdout, stderr) => {
        resolve({ exitCode: error === null ? 0 : typeof error.code === 'number' ? error.code : 128, stdout, stderr });
      });
    });
  const cli = (...args: string[]) => inside(cockpit.argv(...args));
  const must = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await cli(...args);
    assert.equal(exitCode, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const session = async () => (JSON.parse(await must('status', '--json')) as { supervisor: { pid: number }; hosts: { sessions: { owner: string; epoch: number }[] }[] }).hosts[0]?.sessions[0];
  const fill = () => inside(['sh', '-c', 'cat /dev/zero >"$1/ballast"; cat /dev/zero >"$1/ballast2"; echo x >"$1/ballast3"', 'sh', cockpit.paths.dataDir]);
  const free = () => inside(['sh', '-c', 'rm "$1"/ballast*', 'sh', cockpit.paths.dataDir]);

  before(async () => {
    tmux = await startTmux();
    cockpit = await cockpitFixture();
    mkdirSync(cockpit.paths.dataDir);
    holder = spawn('unshare', [...(namespace ?? []), 'sh', '-c', 'mount -t tmpfs -o size=8m,mode=0700 none "$1" && echo ready && exec sleep 1000', 'sh', cockpit.paths.dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => holder.stdout?.once('data', resolve));
    const config = join(cockpit.dir, 'config');
    writeFileSync(config, stringify({ codex_path: '/nonexistent/codex', hosts: [{ alias: 'box', transport: 'local', tmux_socket: tmux.socket }] }));
    await inside(['cp', config, cockpit.paths.config]);
  });
  after(async () => {
    await free();
    await must('down');
    holder.kill('SIGKILL');
    await cockpit.dispose();
    await tmux.stop();
  });

  it('CONF-1 at the first up: a clear message, and it works once there is space', async () => {
    await fill();
    const { exitCode, stderr } = await cli('up', '--no-attach');
    assert.notEqual(exitCode, 0);
    assert.match(stderr, /disk is full|free space/);
    assert.doesNotMatch(stderr, /at .*:\d+:\d+/);
    await free();
    await must('up', '--no-attach');
  });

  it('OWN-8 agent writes are refused, the operator goes on, and all is well when there is space again', async () => {
    await until(async () => (await session())?.owner === 'agent');
    const { pid } = (JSON.parse(await must('status', '--json')) as { supervisor: { pid: number } }).supervisor;
    const grant = JSON.parse(await must('grant', 'box/keep', '--json')) as { url: string; token: string };
    const client = await connect(grant.url, grant.token);
    const send = async (text: string) => (await call(client, 'session_status'), (await call(client, 'send_text', { text })).structuredContent as { outcome: string; reason: string | null; explanation: string });
    try {
      assert.equal((await send('one')).outcome, 'accepted');
      await fill();
      const refused = await until(async () => [await send('two')].find((result) => result.outcome === 'refused'), { what: 'a write is refused' });
      assert.equal(refused.reason, 'audit-unavailable');
      assert.match(refused.explanation, /disk full\?/);
      const before = await tmux.run('capture-pane', '-p', '-t', '$0');
      for (let round = 0; round < 5; round += 1) assert.equal((await send(`never-${round}`)).reason, 'audit-unavailable');
      assert.equal(await tmux.run('capture-pane', '-p', '-t', '$0'), before, 'nothing of it was typed');
      // The operator: claims, releases, makes, adopts and ends sessions.
      const epoch = (await session())?.epoch ?? NaN;
      await must('ctl', 'toggle-focus');
      await until(async () => (await session())?.owner === 'human', { timeoutMs: 3_000 });
      await must('ctl', 'toggle-focus');
      await until(async () => (await session())?.owner === 'agent');
      assert.equal((await session())?.epoch, epoch + 2);
      await must('new', 'box', '--name', 'other');
      await tmux.run('new-session', '-d', '-s', 'mine', 'exec cat');
      await must('adopt', 'box/mine', '--yes');
      await must('kill', 'box/mine', '--yes');
      await must('peek', 'box/keep');
      await must('ctl', 'toggle-wake');
      assert.equal((await send('still-never')).reason, 'audit-unavailable');
      assert.match(await must('status'), /^! The audit cannot be written.*disk full.*agents may not write/m);
      await free();
      await until(async () => (await send('three')).outcome === 'accepted', { what: 'agents write again' });
      assert.equal((JSON.parse(await must('status', '--json')) as { supervisor: { pid: number } }).supervisor.pid, pid, 'the same supervisor');
      assert.doesNotMatch(await must('status'), /disk full/);
      assert.match(await must('audit', 'verify'), /chain unbroken/);
      assert.doesNotMatch(await tmux.run('capture-pane', '-p', '-t', '$0'), /never/);
    } finally {
      await client.close();
    }
  });
});
