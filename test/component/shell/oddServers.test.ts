import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Transport } from '../../../src/supervisor/domain/config.ts';
import { isRunning } from '../../support/processTree.ts';
import { startSshd, type SshdFixture, type SshdOptions } from '../../support/sshd.ts';
import { until } from '../../support/until.ts';
import { connectErrorOf, ShellBench } from './fixtures.ts';

const transports = ['openssh', 'ssh2'] satisfies Transport[];

describe('Shell on odd servers', () => {
  const withServer = async (options: SshdOptions, test: (bench: ShellBench, sshd: SshdFixture) => Promise<void>) => {
    const sshd = await startSshd(options);
    const bench = await ShellBench.start(sshd);
    try {
      await test(bench, sshd);
    } finally {
      await bench.end();
      await sshd.stop();
    }
  };

  for (const transport of transports) {
    it(`DISC-1 ${transport}: a lower MaxSessions means more connections`, async () => {
      await withServer({ serverLines: ['MaxSessions 2'] }, async (bench, sshd) => {
        const shell = await bench.connected('box', transport);
        const channels = await Promise.all(Array.from({ length: 5 }, () => shell.open('exec cat')));
        assert.equal((await shell.run('echo sixth')).stdout.toString(), 'sixth\n');
        assert.equal(sshd.logins(), 3);
        for (const channel of channels) channel.dispose();
      });
    });

    it(`DISC-10 ${transport}: behind a ForceCommand that prints and wraps`, async () => {
      await withServer({ serverLines: [`ForceCommand echo hello; sh -c "$SSH_ORIGINAL_COMMAND"`] }, async (bench) => {
        const shell = await bench.connected('box', transport);
        assert.equal((await shell.run('cat; exit 4', { input: Buffer.from('in') })).stdout.toString(), 'in');
        assert.equal((await shell.run('exit 4')).exitCode, 4);
      });
    });

    for (const login of ['fish', 'tcsh', 'zsh']) {
      it(`DISC-10 ${transport}: behind the login shell ${login}`, async () => {
        await withServer({ serverLines: [`ForceCommand exec ${login} -c "$SSH_ORIGINAL_COMMAND"`] }, async (bench) => {
          const shell = await bench.connected('box', transport);
          assert.equal((await shell.run('cat; exit 4', { input: Buffer.from(`'in' "$HOME" !! \\n`) })).stdout.toString(), `'in' "$HOME" !! \\n`);
          assert.equal((await shell.run(`printf %s "it's $((40 + 2))"; exit 4`)).exitCode, 4);
          assert.equal((await shell.run(`printf %s "it's $((40 + 2))"`)).stdout.toString(), "it's 42");
        });
      });
    }

    it(`DISC-10 ${transport}: a run that is aborted before a slow login shell was ready leaves nothing behind`, async () => {
      await withServer({ loginScript: 'sleep 0.4\n' }, async (bench, sshd) => {
        const shell = await bench.connected('box', transport);
        const file = `${sshd.dir}/pid`;
        await assert.rejects(shell.run(`sleep 1003 & echo $! >${file}; wait`, { signal: AbortSignal.timeout(200) }), { name: 'TimeoutError' });
        const pid = Number(await until(() => readFileSync(file, 'utf8').trim(), { what: 'the script runs all the same' }));
        await until(() => !isRunning(pid));
      });
    });

    it(`DISC-10 ${transport}: a login shell that floods is refused, one that echoes is not believed`, async () => {
      await withServer({ loginScript: 'head -c 3000000 /dev/zero\n' }, async (bench) => {
        const shell = await bench.connected('box', transport);
        assert.match((await connectErrorOf(shell.run('true'))).message, /more than 1 MB/);
      });
      await withServer({ serverLines: ['ForceCommand case "$SSH_ORIGINAL_COMMAND" in true) ;; *) cat;; esac'] }, async (bench) => {
        const shell = await bench.connected('box', transport);
        const error = await connectErrorOf(shell.run('echo fooled'));
        assert.equal(error.kind, 'failed');
      });
    });
  }

  it('DISC-12 a server that also takes one-time codes is needs-login', async () => {
    await withServer({ serverLines: ['KbdInteractiveAuthentication yes', 'PasswordAuthentication yes'] }, async (bench, sshd) => {
      sshd.addAlias('otp', { IdentityFile: sshd.makeKey('wrong') });
      for (const transport of transports) {
        const error = await connectErrorOf(bench.shell('otp', transport).connect());
        assert.equal(error.kind, 'needs-login', error.message);
      }
    });
  });

  it('DISC-8 ssh2 logs in with the keys of the agent that the context names, and IdentitiesOnly chooses among them', async () => {
    await withServer({}, async (bench, sshd) => {
      const sock = `${sshd.dir}/agent`;
      const pid = Number(/SSH_AGENT_PID=(\d+)/.exec(execFileSync('ssh-agent', ['-s', '-a', sock], { encoding: 'utf8' }))?.[1]);
      try {
        const env = { ...process.env, SSH_AUTH_SOCK: sock };
        execFileSync('ssh-add', ['-q', sshd.makeKey('other'), sshd.userKey], { env, stdio: 'ignore' });
        sshd.addAlias('any', { IdentityAgent: 'SSH_AUTH_SOCK', IdentityFile: '/nonexistent', IdentitiesOnly: 'no' });
        sshd.addAlias('chosen', { IdentityAgent: 'SSH_AUTH_SOCK', IdentityFile: `${sshd.userKey}.pub` });
        sshd.addAlias('not-chosen', { IdentityAgent: 'SSH_AUTH_SOCK', IdentityFile: `${sshd.dir}/other.pub` });
        const context = { sshAuthSock: sock };
        for (const alias of ['any', 'chosen']) {
          const shell = bench.shell(alias, 'ssh2', { context });
          await shell.connect();
          assert.equal((await shell.run('echo "${SSH_AUTH_SOCK:-none}"')).stdout.toString(), 'none\n');
        }
        assert.equal((await connectErrorOf(bench.shell('not-chosen', 'ssh2', { context }).connect())).kind, 'auth');
        const gone = bench.shell('box', 'ssh2', { context: { sshAuthSock: '/nonexistent/agent' } });
        await gone.connect();
      } finally {
        process.kill(pid);
      }
    });
  });
});
