import assert from 'node:assert/strict';
import { chmodSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { fleetClient, type FleetClient } from '../../support/fleetClient.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { until } from '../../support/until.ts';

const hostile = [
  'plain words', `it's "quoted" \\ and \\\\`, 'ends in ;', ';', '\\;', 'a; touch victim', '$(touch victim)', '`touch victim`', '#(touch victim)', '#{pane_id} ##{x} #[fg=red]', '%H%M %%',
  'line one\nline two\n', '-c touch victim', '--help', 'resume', 'ünïcödé 漢字 👩‍🚀', 'tab\tand \u001b[31mred', '', '{ touch victim }', '~/x $HOME *',
];

describe('cockpit new with text that is data', function () {
  this.timeout(120_000);
  let sshd: SshdFixture;
  let cockpit: CockpitFixture;
  let fleet: FleetClient;
  let record: string;
  const nothingRan = () => { assert.deepEqual(globSync([join(sshd.dir, '**/victim*'), join(cockpit.dir, '**/victim*'), join(process.cwd(), 'victim*')]), []); };

  before(async () => {
    sshd = await startSshd({ loginScript: 'PATH=$HOME/bin:$PATH\n' });
    const bin = join(sshd.home, 'bin');
    record = join(sshd.dir, 'record');
    mkdirSync(bin);
    // Stands for codex: keeps its arguments and its folder, NUL behind each.
    writeFileSync(join(bin, 'codex'), `#!/bin/sh\nprintf '%s\\0' "$PWD" "$@" >'${record}.part'; mv '${record}.part' '${record}'; exec cat\n`);
    chmodSync(join(bin, 'codex'), 0o755);
    cockpit = await cockpitFixture({ COCKPIT_SSH_CONFIG: sshd.configFile });
    await cockpit.writeConfig({ codex_path: '/nonexistent/codex', hosts: [{ alias: 'box', tmux_socket: join(sshd.dir, 't.sock') }] });
    await cockpit.must('up', '--no-attach');
    fleet = await fleetClient(cockpit);
  });
  after(async () => {
    fleet.dispose();
    await cockpit.dispose();
    await sshd.stop();
  });

  it('CTL-1 a prompt arrives as it is, as the prompt and nothing else', async () => {
    for (const prompt of hostile) {
      rmSync(record, { force: true });
      if (prompt === '' || prompt.startsWith('-')) await cockpit.must('new', 'box', `--prompt=${prompt}`);
      else await fleet.client.request('session/new', { host: 'box', name: null, dir: null, prompt });
      await until(() => existsSync(record), { what: JSON.stringify(prompt) });
      assert.deepEqual(readFileSync(record, 'utf8').split('\0').slice(1), ['--', prompt, '']);
    }
    nothingRan();
  });

  it('CTL-1 a folder is that folder, whatever it is called', async () => {
    for (const name of hostile.filter((text) => /[;#$%{\n]|^-|^res/.test(text) && !text.includes('/'))) {
      const dir = join(sshd.home, name);
      mkdirSync(dir, { recursive: true });
      rmSync(record, { force: true });
      await fleet.client.request('session/new', { host: 'box', name: null, dir, prompt: 'x' });
      await until(() => existsSync(record), { what: JSON.stringify(name) });
      assert.equal(readFileSync(record, 'utf8').split('\0')[0], dir);
    }
    nothingRan();
  });

  it('CTL-1 without a prompt: a shell in the folder', async () => {
    mkdirSync(join(sshd.home, 'proj'));
    const made = await cockpit.must('new', 'box', '--dir', join(sshd.home, 'proj'), '--name', 'inproj');
    assert.match(made, /^made box\/cockpit-inproj \(\$\d+\)$/m);
    await until(async () => (await cockpit.status()).hosts[0]?.sessions.some((session) => session.name === 'cockpit-inproj'));
  });

  it('CTL-1 what cannot be: a folder that is not there, a name that is taken or wrong, codex that is missing', async () => {
    const cases: [args: string[], exitCode: number, says: RegExp][] = [
      [['--dir', '/nowhere; touch victim'], 1, /no folder "\/nowhere; touch victim"/],
      [['--name', 'inproj'], 1, /duplicate session/],
      [['--name', 'A B'], 2, /small letters/],
      [['--name', '$(touch victim)'], 2, /small letters/],
    ];
    for (const [args, exitCode, says] of cases) {
      const result = await cockpit.cli('new', 'box', ...args);
      assert.equal(result.exitCode, exitCode, result.stderr);
      assert.match(result.stderr, says);
    }
    rmSync(join(sshd.home, 'bin', 'codex'));
    const result = await cockpit.cli('new', 'box', '--prompt', 'x');
    assert.equal(result.exitCode, 1);
    assert.match(result.stderr, /codex.*ended at once/);
    nothingRan();
  });
});
