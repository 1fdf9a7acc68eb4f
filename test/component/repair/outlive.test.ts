import assert from 'node:assert/strict';
import { pace } from '../../support/pace.ts';
import { violations, type Kept } from '../../support/chaos/invariant.ts';
import { chaosWorld, type World, type WorldHost } from '../../support/chaos/world.ts';
import { processesNaming, type OwnProcess } from '../../support/ownProcesses.ts';
import { until } from '../../support/until.ts';

describe('what outlives the supervisor', function () {
  this.timeout(60_000);
  const kept: Kept = { threads: new Map(), selectedHost: 'box', focus: 'agent', wake: { box: true } };
  let world: World;
  let host: WorldHost;
  before(async () => {
    world = await chaosWorld(['box']);
    const [only] = world.hosts;
    assert.ok(only);
    host = only;
    for (const name of ['cockpit-a', 'cockpit-b']) await world.newSession(host, name);
    await world.up();
    await whole(25_000);
  });
  after(async () => {
    await world.dispose();
  });

  const whole = async (timeoutMs = 5_000) => {
    let wrong: string[] = [];
    await until(async () => (wrong = await violations(world, kept)).length === 0, { timeoutMs, what: 'all is whole' }).catch((error: unknown) => {
      throw new Error(wrong.join('\n'), { cause: error });
    });
  };
  const found = (test: (one: OwnProcess) => boolean) => processesNaming(world.cockpit.paths.dataDir).filter(test).sort((a, b) => a.pid - b.pid);
  const pids = (test: (one: OwnProcess) => boolean) => found(test).map(({ pid }) => pid);
  const isLasting = ({ argv, name, commandLine }: OwnProcess) =>
    ['app-server', 'resume'].includes(argv[1] ?? '') || /\/(?:viewer|half)\.sh$/.test(argv[1] ?? '') || name === 'tmux: server' || commandLine.endsWith('[mux]') || (name === 'tmux: client' && !argv.includes('-C'));
  const tuis = () => pids(({ argv }) => argv[1] === 'resume');
  const end = (found: number[]) => {
    for (const pid of found) process.kill(pid, 'SIGKILL');
  };
  const killSupervisor = () => world.cockpit.killSupervisor();

  it('REL-1 PAIR-2 DISC-1 kill -9 and up: agents, their terminals, viewers, tmux servers, connections and the person at the terminal are the same processes', async () => {
    const lasting = () => found(isLasting).map(({ pid, name, commandLine }) => `${pid} ${name}: ${commandLine}`);
    const before = lasting();
    assert.ok(before.length >= 2 + 2 + 2 + 2 + 3 + 1, String(before.length));
    await killSupervisor();
    await world.cockpit.must('up', '--no-attach');
    await whole();
    assert.deepEqual(lasting(), before);
  });

  it('PAIR-5 a TUI waits for its app-server: it is the same process behind the repair, also while sessions come and go', async () => {
    const before = tuis();
    end(pids(({ argv }) => argv[1] === 'app-server'));
    await world.newSession(host, 'cockpit-c');
    await whole();
    assert.deepEqual(tuis().filter((pid) => before.includes(pid)), before);
    await world.remote(host, 'kill-session', '-t', '=cockpit-c');
    await whole();
  });

  it('DISC-5 a rename is a new label and no new viewer', async () => {
    const viewers = pids(({ argv }) => argv[1]?.endsWith('/viewer.sh') === true);
    await world.remote(host, 'rename-session', '-t', '=cockpit-a', 'cockpit-renamed');
    await whole();
    assert.deepEqual(pids(({ argv }) => argv[1]?.endsWith('/viewer.sh') === true), viewers);
    assert.match(await world.own(world.cockpit.paths.viewerTmux, 'list-windows', '-a', '-F', '#{window_name}'), /cockpit-renamed/);
  });

  it('PAIR-2 a TUI whose app-server went away while nobody looked is started anew', async () => {
    const before = tuis();
    await killSupervisor();
    end(pids(({ argv }) => argv[1] === 'app-server'));
    await world.cockpit.must('up', '--no-attach');
    await whole();
    assert.deepEqual(tuis().filter((pid) => before.includes(pid)), []);
  });

  it('PAIR-1 DISC-6 the app-server of a session that went away while no supervisor ran is ended, and its thread comes back with the session', async () => {
    await killSupervisor();
    await world.remote(host, 'kill-session', '-t', '=cockpit-b');
    await pace(100);
    await world.cockpit.must('up', '--no-attach');
    await whole();
    assert.equal(pids(({ argv }) => argv[1] === 'app-server').length, 1);
  });

  it('DISC-6 without a tmux server the host has no viewers and agents; when it is back they are, with the same threads', async () => {
    const box = async () => (await world.status()).hosts[0];
    await world.cockpit.must('ctl', 'toggle-focus');
    kept.focus = 'remote';
    await world.remote(host, 'kill-server');
    await until(async () => (await box())?.sessions.length === 0 && pids(({ argv }) => argv[1] === 'app-server').length === 0, { timeoutMs: 5_000, what: 'all archived' });
    assert.equal((await box())?.state, 'online');
    await until(async () => (await world.screen()).includes('has no cockpit- session'), { what: 'PAIR-6 a placeholder above' });
    await until(async () => (await world.screen()).includes('No agent, because there is no remote session'), { what: 'PAIR-6 a placeholder below' });
    await world.newSession(host, 'cockpit-a');
    await whole();
    assert.equal((await box())?.sessions[0]?.owner, 'human', 'OWN-6 claimed for the operator');
  });
});
