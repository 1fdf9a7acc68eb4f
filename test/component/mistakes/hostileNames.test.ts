import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { fleetClient, type FleetClient } from '../../support/fleetClient.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { openTerminal, type Terminal } from '../../support/terminal.ts';
import { until } from '../../support/until.ts';

/** Tails of names that a shell, tmux or a terminal would act on; `X` becomes the path of a file that must never come to be. */
const tails = [
  '$(touch X)', '#(touch X)', ';touch X', '`touch X`', "'; touch X; '", '"; touch X; "', '<b>', '& touch X &', '| touch X', '#{l:x}#[fg=red]', '##[x]', '%H%M', "a'b\"c\\d", '-t', '{ touch X }', ' ', ';', '\\;',
  'a\u001b[31m\u001b]0;t\u0007b', 'a\u202eb\u2066c', 'a\u009b31mb', 'a\nb\tc', 'ünïcödé 漢字 👩‍🚀', 'x'.repeat(300), '$1', '@1', '%1', '=$0', '../../etc', 'a/b',
];

describe('hostile names', function () {
  this.timeout(120_000);
  let sshd: SshdFixture;
  let cockpit: CockpitFixture;
  let fleet: FleetClient;
  let victim: string;
  const terminals: Terminal[] = [];
  const ids: string[] = [];

  const remote = (...args: string[]) => execFileSync('tmux', ['-u', '-f', '/dev/null', '-S', join(sshd.dir, 't.sock'), ...args], { encoding: 'utf8', env: { ...process.env, HOME: sshd.home, TMUX: undefined } }).replace(/\n$/, '');
  /** As a value through an option, so that tmux takes the name as it is. */
  const rename = (what: 'rename-session' | 'rename-window' | 'select-pane', id: string, name: string) => {
    remote('set-option', '-g', '@n', name.replace(/;$/, '\\;'));
    remote(what, ...(what === 'select-pane' ? ['-T', '#{@n}', '-t', `${id}:`] : ['-t', what === 'rename-window' ? `${id}:` : id, '#{@n}']));
  };
  const hostile = (tail: string) => tail.replaceAll('X', victim);
  const nothingRan = () => { assert.deepEqual(globSync([`${victim}*`, join(cockpit.dir, '**/victim*'), join(sshd.dir, '**/victim*')]), []); };
  const isClean = (text: string) => { assert.doesNotMatch(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u, 'no control characters'); };
  const lines = (text: string) => text.split('\n').filter((line) => line !== '');

  before(async () => {
    sshd = await startSshd();
    victim = join(sshd.dir, 'victim');
    cockpit = await cockpitFixture({ COCKPIT_SSH_CONFIG: sshd.configFile });
    await cockpit.writeConfig({ codex_path: '/nonexistent/codex', hosts: [{ alias: 'box', tmux_socket: join(sshd.dir, 't.sock') }] });
    for (const [at, tail] of tails.entries()) {
      ids.push(remote('new-session', '-d', '-P', '-F', '#{session_id}', '-x', '80', '-y', '24', '-s', `cockpit-n${at}`, 'exec cat'));
      rename('rename-session', ids[at] ?? '', `cockpit-${hostile(tail)}`);
      rename('rename-window', ids[at] ?? '', hostile(tail));
      try {
        rename('select-pane', ids[at] ?? '', hostile(tail));
      } catch {
        // tmux takes no title with control characters
      }
    }
    await cockpit.must('up', '--no-attach');
    fleet = await fleetClient(cockpit);
  });

  after(async () => {
    fleet.dispose();
    for (const terminal of terminals) await terminal.close();
    await cockpit.dispose();
    remote('kill-server');
    await sshd.stop();
  });

  it('DISC-3 CTL-2 none is lost: status has every session by id, with the name as tmux has it', async () => {
    await until(async () => (await cockpit.status()).hosts[0]?.sessions.length === tails.length);
    const seen = (await cockpit.status()).hosts[0]?.sessions ?? [];
    assert.deepEqual(seen.map((session) => session.id), ids);
    // One by one, because a listing could be torn by what is in it.
    assert.deepEqual(seen.map((session) => session.name), ids.map((id) => remote('display-message', '-p', '-t', `${id}:`, '#{session_name}')));
    await until(async () => (await cockpit.status()).hosts[0]?.sessions.every((session) => session.owner === 'agent'), { what: 'all are claimed for the agent' });
  });

  it('CTL-2 CTL-4 status, adopt, explain and audit print no control character, in text nor JSON', async () => {
    for (const args of [['status'], ['status', '--json'], ['adopt', 'box'], ['adopt', 'box', '--json'], ['explain', `box/${ids[0] ?? ''}`], ['explain', `box/${ids[0] ?? ''}`, '--json']]) {
      const out = await cockpit.must(...args);
      for (const line of lines(out)) isClean(line.replaceAll('\t', ''));
    }
    assert.equal(lines(await cockpit.must('status')).filter((line) => /^ {4}\$\d+ /.test(line)).length, tails.length, 'a line each');
    nothingRan();
  });

  it('CTL-1 every one is reached by HOST/$ID, and by its name as status shows it', async () => {
    const seen = (await cockpit.status()).hosts[0]?.sessions ?? [];
    for (const [at, session] of seen.entries()) {
      const ask = (name: string) => (at % 8 === 0 ? cockpit.must('peek', `box/${name}`) : fleet.client.request('session/peek', { session: `box/${name}` }));
      await ask(session.id);
      await ask(session.name);
    }
    const { exitCode, stderr } = await cockpit.cli('peek', 'box/cockpit-$(touch X');
    assert.equal(exitCode, 1);
    lines(stderr).forEach(isClean);
    nothingRan();
  });

  it('PAIR-4 the terminal cockpit shows them and runs nothing, whichever is selected', async () => {
    const terminal = await openTerminal(cockpit.argv('up'), { env: cockpit.env });
    terminals.push(terminal);
    await terminal.shows(/Wake remote/);
    for (const [at, id] of ids.entries()) {
      await fleet.client.request('select', { host: 'box', session: `box/${id}`, focus: at % 2 === 0 ? 'remote' : 'agent' });
      if (at % 6 === 0) await terminal.shows(new RegExp(at % 2 === 0 ? 'you write' : 'agent writes'));
    }
    for (let press = 0; press < 5; press += 1) await terminal.key('F2', 'F3');
    await terminal.shows(/Wake remote/);
    assert.equal(await terminal.exitCode(), null);
    const viewers = execFileSync('tmux', ['-S', cockpit.paths.viewerTmux, 'list-windows', '-a', '-F', '#{window_name}'], { encoding: 'utf8' });
    assert.ok(lines(viewers).length >= 8);
    lines(viewers).forEach((line) => { isClean(line.replaceAll(/[\u200d]/gu, '')); });
    nothingRan();
  });

  it('DISC-11 adopt and release give every name back as it was', async () => {
    for (const [at, tail] of tails.entries()) {
      const id = remote('new-session', '-d', '-P', '-F', '#{session_id}', '-s', `other${at}`, 'exec cat');
      rename('rename-session', id, `q${at}${hostile(tail)}`);
      const was = remote('display-message', '-p', '-t', `${id}:`, '#{session_name}');
      if (at % 8 === 0) isClean((await cockpit.must('adopt', `box/${id}`, '--yes')).trimEnd());
      else await fleet.client.request('session/adopt', { session: `box/${id}` });
      assert.match(remote('display-message', '-p', '-t', `${id}:`, '#{session_name}'), /^cockpit-[a-z0-9-]+$/);
      if (at % 8 === 0) isClean((await cockpit.must('release', `box/${id}`)).trimEnd());
      else await fleet.client.request('session/release', { session: `box/${id}` });
      assert.equal(remote('display-message', '-p', '-t', `${id}:`, '#{session_name}'), was);
      remote('kill-session', '-t', id);
    }
    nothingRan();
  });

  it('OWN-7 the audit has a row for each of these, with the session, and prints no control character', async () => {
    const rows = lines(await cockpit.must('audit', '--json', '--limit', '1000'));
    rows.forEach(isClean);
    assert.equal(rows.filter((row) => row.includes('"adopt"')).length, tails.length);
    assert.equal(rows.filter((row) => row.includes('"release"')).length, tails.length);
    lines(await cockpit.must('audit', '--limit', '1000')).forEach(isClean);
    await cockpit.must('audit', 'verify');
    for (const line of lines(readFileSync(cockpit.paths.log, 'utf8'))) assert.doesNotMatch(line, /[\p{Cc}]/u);
    nothingRan();
  });

  it('CTL-1 kill by id ends that one and no other', async () => {
    const before = lines(remote('list-sessions', '-F', '#{session_id}'));
    const last = ids.at(-1) ?? '';
    await cockpit.must('kill', `box/${last}`, '--yes');
    assert.deepEqual(lines(remote('list-sessions', '-F', '#{session_id}')), before.filter((id) => id !== last));
    const rows = lines(await cockpit.must('audit', '--json', `box/${last}`));
    assert.ok(rows.some((row) => row.includes('"kill"') && row.includes('"accepted"')), rows.join('\n'));
  });
});
