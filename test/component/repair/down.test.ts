import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pace } from '../../support/pace.ts';
import { seededRandom } from '../../support/chaos/random.ts';
import { chaosWorld, type World } from '../../support/chaos/world.ts';
import { startPersonTmux, type PersonTmux } from '../../support/personTmux.ts';
import { until } from '../../support/until.ts';

const entry = fileURLToPath(new URL('../../../src/cli/cockpit.ts', import.meta.url));

describe('down', function () {
  this.timeout(120_000);
  let person: PersonTmux;
  let untouched: string;
  let world: World;

  before(async () => {
    person = await startPersonTmux();
    untouched = await person.state();
    world = await chaosWorld(['box', 'attic'], { env: { TMUX_TMPDIR: person.tmpDir } });
    for (const host of world.hosts) await world.newSession(host, 'cockpit-a');
    for (const host of world.hosts) await world.newSession(host, 'cockpit-b');
  });
  after(async () => {
    await world.dispose();
    await person.stop();
  });

  const sessions = () => Promise.all(world.hosts.map((host) => world.remote(host, 'list-panes', '-a', '-F', '#{session_id} #{session_name} #{pane_pid}')));
  const idle = () => until(async () => (await world.status()).hosts.every((host) => host.sessions.length > 0 && host.sessions.every(({ agent }) => agent.state === 'idle')), { timeoutMs: 25_000, what: 'all agents are idle' });
  const nothingLeft = async (what: string) => {
    // sshd ends its side of a connection a moment after ours.
    await until(() => world.alive().length === 0, { timeoutMs: 1_000, what }).catch((error: unknown) => {
      throw new Error(`${what}: left ${world.alive().join('\n')}\n${readFileSync(world.cockpit.paths.log, 'utf8').slice(-2000)}`, { cause: error });
    });
    for (const host of world.hosts) await until(async () => (await world.remote(host, 'list-clients')) === '', { timeoutMs: 3_000, what: `no client is left at ${host.alias}` });
  };

  it('PAIR-7 after down nothing of cockpit is alive, no client is at the remote, and the remote sessions go on', async () => {
    await world.up();
    await until(async () => (await world.screen()).includes('remote box'), { timeoutMs: 20_000, what: 'the cockpit in the terminal' });
    await idle();
    const there = await sessions();
    assert.match(await world.cockpit.must('down'), /^down; the remote sessions go on/);
    await nothingLeft('after down');
    assert.deepEqual(await sessions(), there);
    await until(async () => (await world.screen()).includes('the cockpit is down; the remote sessions go on'), { what: 'the terminal says so' });
  });

  it('PAIR-7 a second down says that nothing runs', async () => {
    assert.equal(await world.cockpit.must('down'), 'nothing runs\n');
    await nothingLeft('after the second down');
  });

  it('PAIR-7 down cleans up all the same after kill -9 of the supervisor, also with a wrong configuration', async () => {
    await world.cockpit.must('up', '--no-attach');
    await idle();
    const there = await sessions();
    await world.cockpit.killSupervisor();
    assert.ok(world.alive().some((line) => line.includes('app-server')), 'agents outlive the supervisor');
    const config = readFileSync(world.cockpit.paths.config, 'utf8');
    writeFileSync(world.cockpit.paths.config, 'hosts: 3');
    assert.match(await world.cockpit.must('down'), /^down; the remote sessions go on/);
    writeFileSync(world.cockpit.paths.config, config);
    await nothingLeft('after kill -9 and down');
    assert.deepEqual(await sessions(), there);
    assert.equal(await world.cockpit.must('down'), 'nothing runs\n');
  });

  it('PAIR-7 down at any moment of a start, with sessions that come and go, leaves nothing', async () => {
    const seed = Date.now() % 1_000_000;
    const random = seededRandom(seed);
    const [host] = world.hosts;
    assert.ok(host);
    for (let round = 0; round < 6; round++) {
      const starting = world.cockpit.cli('up', '--no-attach');
      const waitMs = round * 60 + random() * 300;
      await pace(waitMs);
      await world.newSession(host, `cockpit-r${round}`);
      // A start that has not made its socket yet is waited for: it was asked for first.
      await until(async () => (await world.status()).supervisor.running, { what: 'it starts' });
      await pace(random() * 600);
      await world.remote(host, 'kill-session', '-t', `=cockpit-r${round}`);
      const down = await world.cockpit.must('down');
      await starting;
      assert.match(down, /^down;/);
      await nothingLeft(`round ${round} (seed ${seed})`);
    }
  });

  it('PAIR-7 nobody takes over after down: a waiting standby ends', async () => {
    await world.cockpit.must('up', '--no-attach');
    const standby = spawn(process.execPath, [entry, '--data-dir', world.cockpit.paths.dataDir, 'supervise', '--standby'], { env: world.cockpit.env, stdio: 'ignore' });
    const ended = once(standby, 'exit');
    await until(async () => (await world.cockpit.cli('status')).exitCode === 0, { what: 'the supervisor answers' });
    await pace(300);
    assert.equal(standby.exitCode, null, 'the standby waits');
    assert.match(await world.cockpit.must('down'), /^down;/);
    await Promise.race([ended, pace(5_000).then(() => { throw new Error('the standby is still there'); })]);
    await nothingLeft('after down with a standby');
    assert.equal((await world.cockpit.status()).supervisor.running, false);
  });

  it('PAIR-7 down after kill -9 with a standby that takes over takes that one down', async () => {
    await world.cockpit.must('up', '--no-attach');
    const standby = spawn(process.execPath, [entry, '--data-dir', world.cockpit.paths.dataDir, 'supervise', '--standby'], { env: world.cockpit.env, stdio: 'ignore' });
    const ended = once(standby, 'exit');
    await pace(500);
    process.kill((await world.status()).supervisor.pid ?? 0, 'SIGKILL');
    assert.match(await world.cockpit.must('down'), /^down;/);
    await Promise.race([ended, pace(8_000).then(() => { throw new Error('the standby is still there'); })]);
    await nothingLeft('after kill -9, standby and down');
  });

  it("PAIR-1 PAIR-7 the person's own tmux server was never contacted: same pid, sessions, options, keys", async () => {
    assert.equal(person.visits(), 0);
    assert.equal(await person.state(), untouched);
    // Not the Sync form: the doorman lives in this process.
    await promisify(execFile)('tmux', ['-N', 'list-sessions'], { env: { ...process.env, TMUX: undefined, TMUX_TMPDIR: person.tmpDir } });
    assert.equal(person.visits(), 1, 'the doorman does see a visit');
  });
});
