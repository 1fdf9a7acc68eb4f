import assert from 'node:assert/strict';
import { closeSync, copyFileSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pace } from '../../support/pace.ts';
import { chaosWorld, type World } from '../../support/chaos/world.ts';
import { machineSlowness } from '../../support/slowness.ts';
import { until } from '../../support/until.ts';

/** From `cockpit up` until the supervisor answers, times the slowness of a machine that others use too. */
const recoveryMs = 5_000;

describe('a damaged database', function () {
  this.timeout(90_000);
  let world: World;
  let threads: string[];
  before(async () => {
    world = await chaosWorld(['box']);
    const [host] = world.hosts;
    assert.ok(host);
    await world.newSession(host, 'cockpit-a');
    await upAgain();
    threads = [await thread()];
    await talk('hello');
  });
  after(async () => {
    await world.dispose();
  });

  const thread = async () => (await world.cockpit.session(({ agent, owner }) => agent.state === 'idle' && owner === 'agent', 'an idle agent')).agent.threadId ?? '';
  /** A turn of the agent: a thread that was never used holds nothing, and Codex does not list it. */
  const talk = async (text: string) => {
    const { agentTmux } = world.cockpit.paths;
    const pane = await until(async () => (await world.own(agentTmux, 'list-panes', '-a', '-f', '#{==:#{@cockpit_role},agent}', '-F', '#{pane_id}')), { what: 'the pane of the agent' });
    await until(async () => (await world.own(agentTmux, 'capture-pane', '-p', '-t', pane)).includes('›'), { timeoutMs: 20_000, what: 'the composer' });
    await world.own(agentTmux, 'send-keys', '-t', pane, '-l', text);
    await until(async () => (await world.own(agentTmux, 'capture-pane', '-p', '-t', pane)).includes(`› ${text}`), { what: 'the prompt' });
    await pace(200);
    await world.own(agentTmux, 'send-keys', '-t', pane, 'Enter');
    await until(() => world.model.requests.length > 0, { timeoutMs: 20_000, what: 'a turn' });
    await thread();
  };
  const upAgain = async () => {
    const startedMs = performance.now();
    const up = world.cockpit.must('up', '--no-attach');
    await until(async () => (await world.status()).supervisor.running, { timeoutMs: 20_000, what: 'the supervisor answers' });
    const tookMs = performance.now() - startedMs;
    await up;
    return tookMs;
  };
  const overwrite = () => {
    const { stateDb } = world.cockpit.paths;
    const fd = openSync(stateDb, 'r+');
    for (let at = 0; at < statSync(stateDb).size; at += 4096) writeSync(fd, Buffer.alloc(2048, 0xa5), 0, 2048, at);
    closeSync(fd);
    // Where the journal holds every page it heals the file, and there is nothing to recover.
    rmSync(`${stateDb}-wal`, { force: true });
  };
  const aside = () => readdirSync(world.cockpit.paths.dataDir).filter((name) => name.startsWith('state.db.corrupt-') && !/-(?:wal|shm)$/.test(name)).length;

  it('REL-2 overwritten after kill -9, without a backup: up works within 5 s, status says it, and the agent has its thread again', async () => {
    await world.cockpit.killSupervisor();
    overwrite();
    const limitMs = recoveryMs * machineSlowness();
    const tookMs = await upAgain();
    console.log(`    ${Math.round(tookMs)} ms`);
    assert.ok(tookMs < limitMs, `${Math.round(tookMs)} ms`);
    const { supervisor } = await world.cockpit.status();
    assert.equal(supervisor.notices.length, 1);
    assert.match(supervisor.notices[0] ?? '', /state\.db was damaged .*set aside as state\.db\.corrupt-.*no backup, so it starts empty/);
    assert.match(await world.cockpit.must('status'), /^! .*state\.db was damaged/m);
    assert.equal(aside(), 1);
    assert.equal(await thread(), threads[0], 'found by its workdir');
    assert.match(await world.cockpit.must('audit', 'verify'), /unbroken|0 rows/);
  });

  it('REL-2 with a backup: the backup is back and said, ownership comes from the remote', async () => {
    await world.cockpit.killSupervisor();
    const { stateDb, backups } = world.cockpit.paths;
    // The hourly backup of a supervisor that was killed.
    mkdirSync(backups, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(backups)) rmSync(join(backups, name));
    await world.cockpit.must('up', '--no-attach');
    await world.cockpit.must('down');
    copyFileSync(stateDb, join(backups, 'state-20260101T000000000Z.db'));
    await world.cockpit.must('up', '--no-attach');
    await world.cockpit.must('ctl', 'toggle-focus');
    const before = await world.cockpit.session(({ owner }) => owner === 'human', 'claimed');
    await world.cockpit.killSupervisor();
    writeFileSync(stateDb, 'hello '.repeat(4000));
    const limitMs = recoveryMs * machineSlowness();
    const tookMs = await upAgain();
    console.log(`    ${Math.round(tookMs)} ms`);
    assert.ok(tookMs < limitMs, `${Math.round(tookMs)} ms`);
    const { supervisor } = await world.cockpit.status();
    assert.match(supervisor.notices.join(), /state\.db was damaged .*the backup state-20260101T000000000Z\.db took its place/);
    const after = await world.cockpit.session(({ epoch }) => epoch !== null, 'ownership was read');
    assert.ok((after.epoch ?? 0) >= (before.epoch ?? 0), 'OWN-3 the epoch never goes back');
    assert.equal(await until(async () => (await world.status()).hosts[0]?.sessions[0]?.agent.threadId, { what: 'the thread' }), threads[0]);
  });

  it('REL-2 PAIR-7 down with a damaged database and no supervisor still ends everything', async () => {
    await world.cockpit.killSupervisor();
    writeFileSync(world.cockpit.paths.stateDb, 'damage '.repeat(4000));
    assert.ok(world.alive().some((line) => line.includes('app-server')));
    assert.match(await world.cockpit.must('down'), /^down;/);
    await until(() => world.alive().length === 0, { timeoutMs: 1_000, what: `nothing is left of ${world.alive().join()}` });
  });
});
