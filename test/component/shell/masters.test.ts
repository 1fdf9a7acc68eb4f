import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createShell, interactiveLoginArgv } from '../../../src/supervisor/adapters/shell/createShell.ts';
import { endMasters } from '../../../src/supervisor/adapters/shell/endMasters.ts';
import { watchMaster } from '../../../src/supervisor/adapters/shell/masterSensor.ts';
import { nullLogger } from '../../../src/supervisor/base/logger.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { until } from '../../support/until.ts';
import { connectErrorOf, hostOf, ShellBench } from './fixtures.ts';

describe('openssh masters', () => {
  let sshd: SshdFixture;
  let bench: ShellBench;
  let agentPid: number;
  let agentSock: string;
  beforeEach(async () => {
    bench = await ShellBench.start(sshd);
  });
  afterEach(async () => {
    await bench.end();
  });
  before(async () => {
    sshd = await startSshd({ aliases: ['box', 'other'] });
    agentSock = join(sshd.dir, 'agent');
    agentPid = Number(/SSH_AGENT_PID=(\d+)/.exec(execFileSync('ssh-agent', ['-s', '-a', agentSock], { encoding: 'utf8' }))?.[1]);
    execFileSync('ssh-add', ['-q', sshd.userKey], { env: { ...process.env, SSH_AUTH_SOCK: agentSock }, stdio: 'ignore' });
  });
  after(async () => {
    process.kill(agentPid);
    await sshd.stop();
  });

  /** Runs an attach argv in a pty, as a tmux pane would, and gives what it showed. */
  const inTerminal = (argv: string[], input = '') => {
    const command = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
    const { stdout, status } = spawnSync('script', ['-qec', command, '/dev/null'], { encoding: 'utf8', input, timeout: 15_000, env: { ...process.env, SSH_AUTH_SOCK: '' } });
    return { text: stdout.replaceAll('\r', ''), status };
  };

  it('DISC-1 one login serves everything, and the master outlives its process', async () => {
    const logins = sshd.logins();
    const host = JSON.stringify(hostOf('box', 'openssh'));
    const context = JSON.stringify({ ...bench.context, logger: undefined });
    const program = `
      import { createShell } from ${JSON.stringify(new URL('../../../src/supervisor/adapters/shell/createShell.ts', import.meta.url).href)};
      import { nullLogger } from ${JSON.stringify(new URL('../../../src/supervisor/base/logger.ts', import.meta.url).href)};
      const shell = createShell(${host}, { ...${context}, logger: nullLogger });
      await shell.connect();
      await shell.open('exec cat');
      process.stdout.write((await shell.run('echo first life')).stdout);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
    const said = await new Promise<string>((resolve) => child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())));
    assert.equal(said, 'first life\n');
    assert.ok(sshd.commandLines().includes('cat'));
    child.kill('SIGKILL');
    await until(() => !sshd.commandLines().includes('cat'), { what: 'the channel of the killed process ends' });
    const shell = await bench.connected('box', 'openssh');
    assert.equal((await shell.run('echo second life')).stdout.toString(), 'second life\n');
    assert.equal(sshd.logins(), logins + 1);
  });

  it('DISC-1 connects of one shell at once make one login', async () => {
    const logins = sshd.logins();
    const [a, b] = [bench.shell('box', 'openssh'), bench.shell('other', 'openssh')];
    await Promise.all([a.connect(), a.connect(), b.connect()]);
    await a.connect();
    assert.equal(sshd.logins(), logins + 2);
  });

  it('DISC-1 a socket that a killed master left is replaced', async () => {
    const shell = await bench.connected('box', 'openssh');
    const lost = new Promise((resolve) => shell.onDidClose(resolve));
    const [name = ''] = readdirSync(bench.context.mastersDir);
    const { stderr } = spawnSync('ssh', ['-S', join(bench.context.mastersDir, name), '-O', 'check', 'box'], { encoding: 'utf8' });
    process.kill(Number(/pid=(\d+)/.exec(stderr)?.[1]), 'SIGKILL');
    await lost;
    assert.deepEqual(readdirSync(bench.context.mastersDir), [name]);
    const next = await bench.connected('box', 'openssh');
    assert.equal((await next.run('echo ok')).stdout.toString(), 'ok\n');
  });

  it('DISC-1 a master that is killed while it is asked counts as gone', async () => {
    const shell = await bench.connected('box', 'openssh');
    const lost = new Promise((resolve) => shell.onDidClose(resolve));
    const [name = ''] = readdirSync(bench.context.mastersDir);
    const path = join(bench.context.mastersDir, name);
    const { stderr } = spawnSync('ssh', ['-S', path, '-O', 'check', 'box'], { encoding: 'utf8' });
    const pid = Number(/pid=(\d+)/.exec(stderr)?.[1]);
    process.kill(pid, 'SIGSTOP'); // what connects now waits, and is reset when the master ends
    const asked = watchMaster(path);
    process.kill(pid, 'SIGKILL');
    assert.equal(await asked, null);
    await lost;
    assert.deepEqual(readdirSync(bench.context.mastersDir), []);
  });

  it('PAIR-7 endMasters ends ours and nothing else', async () => {
    const shell = await bench.connected('box', 'openssh');
    const foreign = join(bench.context.mastersDir, 'not-ours');
    writeFileSync(foreign, '');
    let lost = false;
    shell.onDidClose(() => (lost = true));
    await endMasters(bench.context.mastersDir, { logger: nullLogger });
    await until(() => lost);
    await until(() => !sshd.commandLines().some((line) => line.startsWith('sshd: ') && line.includes('@notty')));
    assert.deepEqual(readdirSync(bench.context.mastersDir), ['not-ours']);
    await endMasters(join(bench.context.mastersDir, 'no-such-folder'), { logger: nullLogger });
  });

  it('DISC-8 viewers forward the agent, control channels never do', async () => {
    const more = { context: { sshAuthSock: agentSock } };
    for (const alias of ['agent', 'agent-off']) sshd.addAlias(alias, { IdentityAgent: 'SSH_AUTH_SOCK' });
    const shell = bench.shell('agent', 'openssh', more);
    await shell.connect();
    const show = 'echo "sock=${SSH_AUTH_SOCK:-none}"';
    assert.equal((await shell.run(show)).stdout.toString(), 'sock=none\n');
    const viewer = inTerminal(shell.attachArgv('ssh-add -l; tty', 0));
    assert.match(viewer.text, /ED25519/);
    assert.match(viewer.text, /\/dev\/pts\//);
    assert.equal((await shell.run(show)).stdout.toString(), 'sock=none\n', 'also after a viewer forwarded on the same connection');
    const further = inTerminal(shell.attachArgv('ssh-add -l', 5));
    assert.match(further.text, /ED25519/);
    const off = bench.shell('agent-off', 'openssh', { ...more, host: { forwardAgent: false } });
    await off.connect();
    assert.match(inTerminal(off.attachArgv(show, 0)).text, /sock=none/);
    assert.match(inTerminal(off.attachArgv(show, 7)).text, /sock=none/);
  });

  it('DISC-1 viewers share the connection, and past its limit get one further', async () => {
    const logins = sshd.logins();
    const shell = await bench.connected('box', 'openssh');
    for (const lane of [0, 4]) assert.match(inTerminal(shell.attachArgv('echo here', lane)).text, /here/);
    assert.equal(sshd.logins(), logins + 1);
    for (const lane of [5, 13]) assert.match(inTerminal(shell.attachArgv('echo here', lane)).text, /here/);
    assert.equal(sshd.logins(), logins + 2);
    assert.match(inTerminal(shell.attachArgv('echo here', 14)).text, /here/);
    assert.equal(sshd.logins(), logins + 3);
  });

  it('DISC-1 a viewer on the first connection never logs in by itself', async () => {
    const logins = sshd.logins();
    const { status } = inTerminal(bench.shell('box', 'openssh').attachArgv('echo here', 0));
    assert.equal(status, 255);
    assert.equal(sshd.logins(), logins);
  });

  it('DISC-12 what needs a person is done once in a terminal, and the background goes on from there', async () => {
    const locked = sshd.makeKey(`locked-${Date.now()}`, 'open sesame');
    sshd.authorize(locked);
    sshd.addAlias('locked', { IdentityFile: locked, UserKnownHostsFile: join(sshd.dir, 'new_known_hosts') });
    const host = hostOf('locked', 'openssh');
    const shell = bench.shell('locked', 'openssh');
    assert.equal((await connectErrorOf(shell.connect())).kind, 'host-key');
    const argv = interactiveLoginArgv(host, bench.context) ?? [];
    const { status, text } = await answering(argv, [[/continue connecting/, 'yes\n'], [/passphrase/, 'open sesame\n']]);
    assert.equal(status, 0, text);
    const logins = sshd.logins();
    await shell.connect();
    assert.equal((await shell.run('echo in')).stdout.toString(), 'in\n');
    assert.equal(sshd.logins(), logins);
    assert.equal(inTerminal(argv).status, 0, 'a second time it only looks');
    assert.equal(sshd.logins(), logins);
    assert.equal(interactiveLoginArgv(hostOf('box', 'local'), bench.context), null);
  });

  it('DISC-1 a person\'s RemoteCommand, forwardings and quiet log level are no obstacle', async () => {
    sshd.addAlias('decorated', { RemoteCommand: 'echo other', RequestTTY: 'force', LocalForward: '127.0.0.1:1 127.0.0.1:1', ExitOnForwardFailure: 'yes', ControlPath: join(sshd.dir, 'theirs'), ControlMaster: 'auto', ForwardAgent: 'yes' });
    const shell = await bench.connected('decorated', 'openssh');
    assert.equal((await shell.run('echo ok')).stdout.toString(), 'ok\n');
    assert.match(inTerminal(shell.attachArgv('echo viewer', 0)).text, /viewer\n/);
    assert.equal(existsSync(join(sshd.dir, 'theirs')), false);
  });

  it('CTL-3 an ssh that is not there is said', async () => {
    const shell = bench.shell('box', 'openssh', { context: { sshPath: '/no/such/ssh' } });
    const error = await connectErrorOf(shell.connect());
    assert.match(error.message, /install openssh-client/);
  });

  it('DISC-12 no secret and no prompt in the background: askpass is never called', async () => {
    const askpass = join(sshd.dir, 'askpass');
    writeFileSync(askpass, `#!/bin/sh\ntouch ${sshd.dir}/asked\necho x\n`);
    chmodSync(askpass, 0o755);
    const locked = sshd.makeKey('asks', 'secret');
    sshd.authorize(locked);
    sshd.addAlias('asks', { IdentityFile: locked });
    process.env['SSH_ASKPASS'] = askpass;
    process.env['SSH_ASKPASS_REQUIRE'] = 'force';
    try {
      assert.equal((await connectErrorOf(createShell(hostOf('asks', 'openssh'), bench.context).connect())).kind, 'needs-login');
    } finally {
      delete process.env['SSH_ASKPASS'];
      delete process.env['SSH_ASKPASS_REQUIRE'];
    }
    assert.equal(existsSync(join(sshd.dir, 'asked')), false);
  });

  /** A person at a terminal: answers each prompt once it is shown. */
  function answering(argv: string[], answers: [RegExp, string][]): Promise<{ status: number | null; text: string }> {
    const command = argv.map((word) => `'${word}'`).join(' ');
    const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: 'pipe' });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const [next] = answers;
      if (next?.[0].test(text)) {
        answers.shift();
        child.stdin.write(next[1]);
      }
    });
    return new Promise((resolve) => child.once('exit', (status) => resolve({ status, text })));
  }
});
