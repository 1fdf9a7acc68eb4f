import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { descendantsOf } from '../../support/processTree.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { openTerminal, type Terminal } from '../../support/terminal.ts';
import { until } from '../../support/until.ts';
import { readFileSync } from 'node:fs';

describe('the operator’s ssh agent', function () {
  this.timeout(60_000);
  let sshd: SshdFixture;
  let cockpit: CockpitFixture;
  const agents: { sock: string; pid: number; key: string }[] = [];
  const terminals: Terminal[] = [];

  const remote = (alias: string, ...args: string[]) => execFileSync('tmux', ['-S', join(sshd.dir, `${alias}.sock`), ...args], { encoding: 'utf8' }).trim();
  /** What `ssh-add -L` says in a remote session that a person is attached to. */
  const keysIn = (alias: string) => {
    const sock = /^SSH_AUTH_SOCK=(.+)$/m.exec(remote(alias, 'show-environment', '-t', 'cockpit-main'))?.[1];
    if (sock === undefined) return 'none';
    return execFileSync('sh', ['-c', 'ssh-add -L || :'], { encoding: 'utf8', env: { ...process.env, SSH_AUTH_SOCK: sock } });
  };
  const attach = async (alias: string) => {
    const terminal = await openTerminal(cockpit.argv('attach', `${alias}/main`), { env: cockpit.env });
    terminals.push(terminal);
    await until(() => remote(alias, 'list-clients', '-F', '#{client_control_mode}').split('\n').includes('0'), { what: 'a terminal client' });
    return terminal;
  };

  before(async () => {
    sshd = await startSshd({ aliases: [] });
    for (const alias of ['box', 'closed']) sshd.addAlias(alias, { IdentityAgent: 'SSH_AUTH_SOCK' });
    for (const name of ['first', 'second']) {
      const sock = join(sshd.dir, `${name}.agent`);
      const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(execFileSync('ssh-agent', ['-s', '-a', sock], { encoding: 'utf8' }))?.[1]);
      agents.push({ sock, pid, key: sshd.makeKey(name) });
      execFileSync('ssh-add', ['-q', join(sshd.dir, name)], { env: { ...process.env, SSH_AUTH_SOCK: sock }, stdio: 'ignore' });
    }
    cockpit = await cockpitFixture({ COCKPIT_SSH_CONFIG: sshd.configFile, SSH_AUTH_SOCK: agents[0]?.sock });
    await cockpit.writeConfig({
      codex_path: '/nonexistent/codex',
      hosts: [{ alias: 'box', tmux_socket: join(sshd.dir, 'box.sock') }, { alias: 'closed', forward_agent: false, tmux_socket: join(sshd.dir, 'closed.sock') }],
    });
    await cockpit.must('up', '--no-attach');
  });
  after(async () => {
    for (const terminal of terminals) await terminal.close();
    await cockpit.dispose();
    for (const { pid } of agents) process.kill(pid);
    await sshd.stop();
  });

  it('DISC-8 without an attach nothing is forwarded: no process at the remote has an agent socket', () => {
    const below = descendantsOf(sshd.pid).filter((one) => !one.commandLine.startsWith('sshd'));
    assert.ok(below.length > 0);
    for (const { pid, commandLine } of below) assert.doesNotMatch(readFileSync(`/proc/${pid}/environ`, 'latin1'), /SSH_AUTH_SOCK=[^\0]/, commandLine);
  });

  it('DISC-8 the visible attach forwards the agent, and control channels that are opened afterwards still have none', async () => {
    await attach('box');
    assert.match(keysIn('box'), / first$/m);
    remote('box', 'kill-session', '-t', remote('box', 'new-session', '-d', '-P', '-F', '#{session_id}', '-s', 'cockpit-x', 'exec cat'));
    await cockpit.must('new', 'box', '--name', 'later');
    assert.doesNotMatch(remote('box', 'show-environment', '-t', 'cockpit-later'), /SSH_AUTH_SOCK=./);
  });

  it('DISC-8 forward_agent: false forwards nothing on the attach either', async () => {
    await attach('closed');
    assert.equal(keysIn('closed'), 'none');
  });

  it('DISC-8 up from a shell with another SSH_AUTH_SOCK refreshes it for the attach that runs', async () => {
    cockpit.env['SSH_AUTH_SOCK'] = agents[1]?.sock;
    assert.match(await cockpit.must('up', '--no-attach'), /ssh agent refreshed/);
    assert.equal(readlinkSync(cockpit.paths.sshAuthSock), agents[1]?.sock);
    assert.match(keysIn('box'), / second$/m);
    assert.doesNotMatch(keysIn('box'), / first$/m);
    assert.match(await cockpit.must('up', '--no-attach'), /nothing changed/);
  });

  it('DISC-8 up from a shell without one, or with one that is gone, leaves the link alone', async () => {
    for (const sock of ['', join(sshd.dir, 'gone.agent')]) {
      cockpit.env['SSH_AUTH_SOCK'] = sock;
      await cockpit.must('up', '--no-attach');
      assert.match(keysIn('box'), / second$/m, sock);
    }
    assert.ok(readdirSync(cockpit.paths.runtime).includes('auth'));
  });
});
