import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { processesOf } from '../../support/codex.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';

/** Eight mistakes of different kinds, each at a known place. */
const wrong = `hosts:
  - alias: box
    transport: telnet
  - alias: -x
  - ssh_target: nowhere
  - alias: box
    colour: red
poll_intervall: 2s
max_agents: -1
wake: { idle_seconds: soon }
`;
const places = ['3:16', '4:12', '5:5', '7:5', '8:1', '9:13', '10:23'];

describe('mistakes in config.yaml, through the CLI', function () {
  this.timeout(60_000);
  let cockpit: CockpitFixture;
  let tmux: TmuxFixture;
  const write = (text: string) => { writeFileSync(cockpit.paths.config, text, { mode: 0o600 }); };
  const good = (more = '') => `codex_path: /nonexistent/codex\nhosts:\n  - { alias: box, transport: local, tmux_socket: ${tmux.socket} }\n${more}`;

  beforeEach(async () => {
    tmux = await startTmux();
    cockpit = await cockpitFixture();
    await cockpit.writeConfig({});
  });
  afterEach(async () => {
    await cockpit.dispose();
    await tmux.stop();
  });

  it('CONF-3 at the first up: exit 2, every problem at once with line and column, nothing made and nothing left running', async () => {
    write(wrong);
    const before = readdirSync(cockpit.paths.dataDir);
    const { exitCode, stderr, stdout } = await cockpit.cli('up', '--no-attach');
    assert.equal(exitCode, 2, stderr);
    assert.equal(stdout, '');
    for (const place of places) assert.ok(stderr.includes(`config.yaml:${place}: `), `${place} in\n${stderr}`);
    assert.doesNotMatch(stderr, /supervisor|at .*\.ts:/, 'nothing but what a person needs');
    assert.equal(readFileSync(cockpit.paths.config, 'utf8'), wrong);
    assert.deepEqual(readdirSync(cockpit.paths.dataDir).filter((name) => name !== 'supervisor.log'), before);
    assert.deepEqual(processesOf(cockpit.dir), []);
    assert.equal((await cockpit.status()).supervisor.running, false);
  });

  it('CONF-3 the second wrong up does not repeat the first one', async () => {
    write('hosts: 3\n');
    await cockpit.cli('up', '--no-attach');
    write('max_agents: many\n');
    const { stderr } = await cockpit.cli('up', '--no-attach');
    assert.match(stderr, /max_agents/);
    assert.doesNotMatch(stderr, /hosts/);
  });

  const kinds: Record<string, [text: string | Buffer, says: RegExp]> = {
    'not YAML': ['hosts: [\n', /config\.yaml:\d+:\d+: not valid YAML/],
    'a tab': ['hosts:\n\t- alias: a\n', /config\.yaml:2:1: not valid YAML/],
    'not UTF-8': [Buffer.from([0x68, 0xff, 0xfe]), /config\.yaml:1:1: not UTF-8/],
    'a list at the top': ['- alias: box\n', /config\.yaml:1:1: .*use a map of settings/],
    'an alias twice': ['hosts: [{alias: a}, {alias: a}]\n', /config\.yaml:1:\d+: .*"a" is used twice/],
    'local without socket': ['hosts: [{alias: a, transport: local}]\n', /needs tmux_socket/],
    'a duration without unit': ['poll_interval: 2\n', /config\.yaml:1:16: .*duration from/],
    'a command in an alias': ['hosts: [{alias: "a\\u001b[31m$(touch X)"}]\n', /use a name without spaces/],
  };
  for (const [kind, [text, says]] of Object.entries(kinds)) {
    it(`CONF-3 ${kind}`, async () => {
      writeFileSync(cockpit.paths.config, text, { mode: 0o600 });
      const { exitCode, stderr } = await cockpit.cli('up', '--no-attach');
      assert.equal(exitCode, 2);
      assert.match(stderr, says);
      // eslint-disable-next-line no-control-regex -- that there is none is what is tested
      assert.doesNotMatch(stderr, /[\u0000-\u0009\u000b-\u001f]/);
    });
  }

  it('CONF-3 no config at all: exit 2 with what to do', async () => {
    const empty = await cockpitFixture();
    const { exitCode, stderr } = await empty.cli('up');
    assert.equal(exitCode, 2);
    assert.match(stderr, /cockpit setup/);
    await empty.dispose();
  });

  it('CONF-3 PAIR-5 while a supervisor runs: the last good one stays in force and it says so, until the file is right again', async () => {
    write(good());
    await cockpit.must('up', '--no-attach');
    const { pid } = (await cockpit.status()).supervisor;
    for (let round = 0; round < 2; round += 1) {
      write(wrong);
      const refused = await cockpit.cli('up', '--no-attach');
      assert.equal(refused.exitCode, 2);
      for (const place of places) assert.ok(refused.stderr.includes(`config.yaml:${place}: `), refused.stderr);
      assert.match(refused.stderr, /last good|goes on/);
      const status = await cockpit.status();
      assert.equal(status.supervisor.pid, pid);
      assert.equal(status.supervisor.notices.length, 1, 'said once');
      assert.match(status.supervisor.notices[0] ?? '', /config\.yaml:3:16/);
      assert.deepEqual(status.hosts.map((host) => [host.alias, host.state]), [['box', 'online']]);
    }
    assert.match(await cockpit.must('status'), /^! /m);
    // Its supervisor still works: what happens at the host is known.
    await tmux.newSession('cockpit-new');
    await until(async () => (await cockpit.status()).hosts[0]?.sessions.some((session) => session.name === 'cockpit-new'));
    write(good());
    await cockpit.must('up', '--no-attach');
    assert.deepEqual((await cockpit.status()).supervisor.notices, []);
  });

  it('CONF-3 PAIR-5 up applies hosts that were added, changed and removed, and prints what changed in the words of the file', async () => {
    const second = await startTmux();
    try {
      write(good());
      await cockpit.must('up', '--no-attach');
      const { pid } = (await cockpit.status()).supervisor;
      assert.match(await cockpit.must('up', '--no-attach'), /already running; nothing changed/);
      write(good(`  - { alias: more, transport: local, tmux_socket: ${second.socket} }\npoll_interval: 500ms\nmax_agents: 3\nclaim_timeout: 1h\n`));
      const added = await cockpit.must('up', '--no-attach');
      for (const word of ['host more added', 'poll_interval', 'max_agents', 'claim_timeout']) assert.ok(added.includes(word), added);
      await until(async () => (await cockpit.status()).hosts.every((host) => host.state === 'online' && host.sessions.length === 1));
      const before = await cockpit.status();
      write(good(`  - { alias: more, transport: local, tmux_socket: ${join(second.dir, 'other.sock')}, wake: false }\n`));
      const changed = await cockpit.must('up', '--no-attach');
      assert.match(changed, /host more changed/);
      // Another socket is another server: cockpit makes its first session there (DISC-4).
      await until(async () => (await cockpit.status()).hosts[1]?.sessions.map((session) => session.name).join() === 'cockpit-main');
      write(good());
      assert.match(await cockpit.must('up', '--no-attach'), /host more removed/);
      const after = await cockpit.status();
      assert.deepEqual(after.hosts.map((host) => host.alias), ['box']);
      assert.equal(after.supervisor.pid, pid);
      assert.deepEqual(after.hosts[0]?.sessions.map((session) => [session.key, session.epoch]), before.hosts[0]?.sessions.map((session) => [session.key, session.epoch]), 'the other host is not disturbed');
      assert.match(await second.run('list-sessions'), /cockpit-keep/, 'remote sessions go on');
    } finally {
      await second.run('-S', join(second.dir, 'other.sock'), 'kill-server');
      await second.stop();
    }
  });
});
