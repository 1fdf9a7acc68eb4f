import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cockpitFixture, type CliResult, type CockpitFixture } from '../../support/cockpit.ts';
import { processesOf } from '../../support/codex.ts';
import { openTerminal } from '../../support/terminal.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';

const isRoot = process.getuid?.() === 0;
/** Flags of `unshare` with which a file system can be mounted here. */
const namespace = [['-m'], ['-rm']].find((flags) => spawnSync('unshare', [...flags, 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0);

describe('data directory', function () {
  this.timeout(90_000);
  let tmux: TmuxFixture;
  let cockpit: CockpitFixture;
  const config = () => ({ codex_path: '/nonexistent/codex', hosts: [{ alias: 'box', transport: 'local' as const, tmux_socket: tmux.socket }] });
  const run = (argv: string[], env: NodeJS.ProcessEnv = cockpit.env, cwd = '/'): Promise<CliResult> =>
    new Promise((resolve) => {
      const [program = '', ...args] = argv;
      execFile(program, args, { env, cwd, timeout: 60_000 }, (error, stdout, stderr) => {
        resolve({ exitCode: error === null ? 0 : typeof error.code === 'number' ? error.code : 128, stdout, stderr });
      });
    });
  const without = (...names: string[]) => Object.fromEntries(Object.entries(cockpit.env).filter(([name]) => !names.includes(name)));
  /** argv without `--data-dir`. */
  const bare = (...args: string[]) => [...cockpit.argv().slice(0, 2), ...args];

  beforeEach(async () => {
    tmux = await startTmux();
    cockpit = await cockpitFixture();
  });
  afterEach(async () => {
    await cockpit.dispose();
    await tmux.stop();
  });

  it('CONF-1 open to others: refused with what to run, exit 2, nothing started', async () => {
    await cockpit.writeConfig(config());
    chmodSync(cockpit.paths.dataDir, 0o755);
    const { exitCode, stderr } = await cockpit.cli('up', '--no-attach');
    assert.equal(exitCode, 2);
    assert.match(stderr, /is open to other users \(mode 0755\).*chmod 700/);
    assert.deepEqual(processesOf(cockpit.dir), []);
    chmodSync(cockpit.paths.dataDir, 0o700);
    await cockpit.must('up', '--no-attach');
  });

  it('CONF-1 a file where the data directory should be: a clear message, exit 2', async () => {
    writeFileSync(join(cockpit.dir, 'file'), '');
    for (const dir of [join(cockpit.dir, 'file'), join(cockpit.dir, 'file', 'below')]) {
      for (const command of [['up', '--no-attach'], ['status'], ['down']]) {
        const { exitCode, stderr } = await run(bare('--data-dir', dir, ...command));
        if (command[0] === 'up') assert.equal(exitCode, 2, stderr);
        assert.doesNotMatch(stderr, /ENOTDIR|EEXIST|at .*:\d+:\d+/, stderr);
      }
    }
  });

  if (isRoot) {
    it('CONF-1 owned by another user: refused, exit 2', async () => {
      await cockpit.writeConfig(config());
      chownSync(cockpit.paths.dataDir, 12345, 12345);
      const { exitCode, stderr } = await cockpit.cli('up', '--no-attach');
      assert.equal(exitCode, 2);
      assert.match(stderr, /belongs to another user \(uid 12345\)/);
      assert.deepEqual(processesOf(cockpit.dir), []);
      chownSync(cockpit.paths.dataDir, 0, 0);
    });
  }

  if (namespace) {
    it('CONF-1 not writable: says so, exit 2', async () => {
      await cockpit.writeConfig(config());
      const mount = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"';
      const { exitCode, stderr } = await run(['unshare', ...namespace, 'sh', '-c', mount, 'sh', cockpit.paths.dataDir, ...cockpit.argv('up', '--no-attach')]);
      assert.equal(exitCode, 2, stderr);
      assert.match(stderr, /cannot be used: its file system is read-only.*--data-dir or COCKPIT_DATA_DIR/);
    });
  }

  it('CONF-1 config.yaml that may not be read: says so, exit 2', async () => {
    await cockpit.writeConfig(config());
    rmSync(cockpit.paths.config);
    mkdirSync(cockpit.paths.config);
    const { exitCode, stderr } = await cockpit.cli('up', '--no-attach');
    assert.equal(exitCode, 2);
    assert.match(stderr, /config\.yaml cannot be read/);
    rmSync(cockpit.paths.config, { recursive: true });
  });

  it('CONF-1 mode 0700 and 0600, everything in it', async () => {
    await cockpit.writeConfig(config());
    await cockpit.must('up', '--no-attach');
    const open = globSync('**/*', { cwd: cockpit.paths.dataDir }).filter((name) => (statSync(join(cockpit.paths.dataDir, name)).mode & 0o077) !== 0 && !/viewer|half|notice/.test(name));
    assert.deepEqual(open, []);
    assert.equal(statSync(cockpit.paths.dataDir).mode & 0o777, 0o700);
  });

  for (const [what, name] of Object.entries({ 'spaces, quotes and unicode': `a 'b' "c" ünï 漢字`, 'what shells and tmux read': '$(touch victim) #(touch victim) %h #{x} ;', 'a length beyond any socket path': `${'long-'.repeat(30)}x` })) {
    it(`CONF-1 a path with ${what} works, terminal included`, async () => {
      const runtime = mkdtempSync(join(tmpdir(), 'ck-run-'));
      const odd = await cockpitFixture({ XDG_RUNTIME_DIR: runtime }, name);
      try {
        await odd.writeConfig(config());
        await odd.must('up', '--no-attach');
        await odd.session((session) => session.owner === 'agent', 'its session');
        const terminal = await openTerminal(odd.argv('up'), { env: odd.env });
        try {
          await terminal.shows(/Wake remote/);
          await terminal.key('F5');
          await terminal.shows(/Wake off/);
          await terminal.key('F3');
          await terminal.shows(/you write/);
        } finally {
          await terminal.close();
        }
        assert.equal((await odd.status()).dataDir, odd.paths.dataDir);
        assert.deepEqual(globSync([join(odd.dir, '**/victim'), join(process.cwd(), 'victim'), '/victim']), []);
        // How long the folder of the tests is differs from machine to machine.
        const isLong = odd.paths.runtime !== join(odd.paths.dataDir, 'run');
        if (name.length > 100) assert.equal(isLong, true);
        assert.equal(existsSync(join(odd.paths.dataDir, 'run')), !isLong, odd.paths.runtime);
        assert.equal(readdirSync(runtime).length > 0, isLong, 'its sockets are in the runtime directory');
      } finally {
        await odd.dispose();
        rmSync(runtime, { recursive: true });
      }
    });
  }

  it('CONF-1 --data-dir wins over COCKPIT_DATA_DIR, that over XDG_DATA_HOME, that over HOME; without HOME the home of the user counts', async () => {
    const dirOf = async (argv: string[], env: NodeJS.ProcessEnv) => {
      const { stdout, stderr } = await run([...argv, 'status', '--json'], env);
      assert.equal(stderr, '');
      return (JSON.parse(stdout) as { dataDir: string }).dataDir;
    };
    const env = without('COCKPIT_DATA_DIR', 'XDG_DATA_HOME');
    const home = env['HOME'] ?? '';
    assert.equal(await dirOf(bare(), env), join(home, '.local/share/cockpit'));
    assert.equal(await dirOf(bare(), { ...env, XDG_DATA_HOME: '/x' }), '/x/cockpit');
    assert.equal(await dirOf(bare(), { ...env, XDG_DATA_HOME: '/x', COCKPIT_DATA_DIR: '/y' }), '/y');
    assert.equal(await dirOf(bare('--data-dir', '/z'), { ...env, XDG_DATA_HOME: '/x', COCKPIT_DATA_DIR: '/y' }), '/z');
    assert.match(await dirOf(bare(), without('COCKPIT_DATA_DIR', 'XDG_DATA_HOME', 'HOME')), /^\/.+\/\.local\/share\/cockpit$/);
  });

  it('CONF-1 up without HOME works', async () => {
    await cockpit.writeConfig(config());
    const { exitCode, stderr } = await run(cockpit.argv('up', '--no-attach'), without('HOME'));
    assert.equal(exitCode, 0, stderr);
    await cockpit.session((session) => session.owner === 'agent', 'its session');
  });

  it('REL-3 two up at once, ten times: one supervisor each time, both say that it runs', async function () {
    await cockpit.writeConfig(config());
    for (let round = 0; round < 10; round += 1) {
      const results = await Promise.all([cockpit.cli('up', '--no-attach'), cockpit.cli('up', '--no-attach')]);
      for (const { exitCode, stdout, stderr } of results) {
        assert.equal(exitCode, 0, stderr);
        assert.match(stdout, /box: online/);
      }
      const supervisors = await until(() => [processesOf(cockpit.dir).filter((line) => / supervise( |$)/.test(line))].find((list) => list.length <= 1));
      assert.equal(supervisors.length, 1, supervisors.join('\n'));
      assert.equal(Number(supervisors[0]?.split(' ')[0]), (await cockpit.status()).supervisor.pid);
      await cockpit.must('down');
    }
  });

  it('REL-3 two up at once with a wrong configuration: both say what is wrong, exit 2, within a second', async () => {
    await cockpit.writeConfig({});
    writeFileSync(cockpit.paths.config, 'hosts: 3\n', { mode: 0o600 });
    const startedMs = performance.now();
    for (const { exitCode, stderr } of await Promise.all([cockpit.cli('up', '--no-attach'), cockpit.cli('up', '--no-attach')])) {
      assert.equal(exitCode, 2);
      assert.match(stderr, /config\.yaml:1:8/);
    }
    assert.ok(performance.now() - startedMs < 10_000);
  });

  it('CTL-2 what nobody wrote yet: status, down and commands on an empty directory say so', async () => {
    assert.match(await cockpit.must('status'), /no supervisor runs/);
    assert.match(await cockpit.must('down'), /nothing runs/);
    const { exitCode, stderr } = await cockpit.cli('peek', 'box/x');
    assert.equal(exitCode, 3);
    assert.match(stderr, /cockpit up/);
    assert.equal(existsSync(cockpit.paths.dataDir), false, 'asking makes nothing');
  });

  it('CTL-2 a log line of the supervisor never holds what is in config.yaml', async () => {
    await cockpit.writeConfig({ ...config(), accounts: [{ key: 'a', email: 'a@b', password: 'hunter2hunter2' }] });
    await cockpit.must('up', '--no-attach');
    assert.doesNotMatch(readFileSync(cockpit.paths.log, 'utf8'), /hunter2/);
  });
});
