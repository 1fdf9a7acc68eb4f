import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import type { ConnectErrorKind } from '../../../src/supervisor/adapters/shell/shell.ts';
import type { Transport } from '../../../src/supervisor/domain/config.ts';
import { freePort, startSshd, type SshdFixture } from '../../support/sshd.ts';
import { connectErrorOf, ShellBench } from './fixtures.ts';

const transports = ['openssh', 'ssh2'] satisfies Transport[];

/** A key of a type that the server has not; nobody has its private half. */
const ecdsaKey = 'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=';

describe('Shell: why it cannot connect', () => {
  let sshd: SshdFixture;
  let bench: ShellBench;
  let silent: Server;
  const write = (name: string, text: string) => {
    const path = join(sshd.dir, name);
    writeFileSync(path, text);
    return path;
  };
  const hostLine = (key: string, prefix = '') => `${prefix}[127.0.0.1]:${sshd.port} ${readFileSync(`${key}.pub`, 'utf8')}`;

  before(async () => {
    sshd = await startSshd();
    bench = await ShellBench.start(sshd);
    silent = createServer((socket) => socket.on('error', () => undefined));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const stranger = sshd.makeKey('stranger');
    sshd.addAlias('unknown-key', { UserKnownHostsFile: '/dev/null' });
    sshd.addAlias('unknown-strict', { UserKnownHostsFile: '/dev/null', StrictHostKeyChecking: 'yes' });
    sshd.addAlias('changed-key', { UserKnownHostsFile: write('changed', hostLine(stranger)) });
    sshd.addAlias('changed-lax', { UserKnownHostsFile: write('changed2', hostLine(stranger)), StrictHostKeyChecking: 'accept-new' });
    sshd.addAlias('other-type', { UserKnownHostsFile: write('ecdsa', `[127.0.0.1]:${sshd.port} ${ecdsaKey}\n`) });
    sshd.addAlias('revoked-key', { UserKnownHostsFile: write('revoked', hostLine(sshd.hostKey) + hostLine(sshd.hostKey, '@revoked ')) });
    sshd.addAlias('refused', { Port: await freePort() });
    sshd.addAlias('silent', { Port: (silent.address() as AddressInfo).port });
    sshd.addAlias('wrong-key', { IdentityFile: stranger });
    sshd.addAlias('locked-key', { IdentityFile: sshd.makeKey('locked', 'a passphrase') });
  });
  after(async () => {
    await bench.end();
    silent.close();
    await sshd.stop();
  });

  const cases: { alias: string; kind: ConnectErrorKind; message: RegExp }[] = [
    { alias: 'unknown-key', kind: 'host-key', message: /not known yet/ },
    { alias: 'unknown-strict', kind: 'host-key', message: /not known yet/ },
    { alias: 'changed-key', kind: 'host-key', message: /CHANGED/ },
    { alias: 'changed-lax', kind: 'host-key', message: /CHANGED/ },
    { alias: 'other-type', kind: 'host-key', message: /CHANGED|not known/ },
    { alias: 'revoked-key', kind: 'host-key', message: /revoked/ },
    { alias: 'refused', kind: 'unreachable', message: /refused/ },
    { alias: 'wrong-key', kind: 'auth', message: /permission denied \(publickey\)/ },
    { alias: 'locked-key', kind: 'needs-login', message: /passphrase/ },
    { alias: 'no-such..alias', kind: 'unknown-alias', message: /no host "no-such..alias"/ },
  ];
  for (const transport of transports) {
    describe(transport, () => {
      for (const { alias, kind, message } of cases) {
        it(`DISC-12 ${alias} is ${kind}`, async () => {
          const before = readFileSync(sshd.knownHosts, 'utf8');
          const logins = sshd.logins();
          const error = await connectErrorOf(bench.shell(alias, transport).connect());
          assert.deepEqual({ kind: error.kind, oneLine: !error.message.includes('\n') }, { kind, oneLine: true }, error.message);
          assert.match(error.message, message);
          assert.ok(error.message.startsWith(`${alias}: `), error.message);
          assert.equal(sshd.logins(), logins, 'no login');
          assert.equal(readFileSync(sshd.knownHosts, 'utf8'), before, 'known_hosts is untouched');
        });
      }

      it('DISC-6 a host that takes the connection and says nothing is unreachable after 10 s', async () => {
        const error = await connectErrorOf(bench.shell('silent', transport).connect());
        assert.equal(error.kind, 'unreachable', error.message);
        assert.match(error.message, /no answer/);
      });

      it('DISC-7 connect can be aborted', async () => {
        const connecting = bench.shell('silent', transport).connect(AbortSignal.timeout(50));
        await assert.rejects(connecting, { name: 'TimeoutError' });
      });
    });
  }

  it('DISC-1 ssh2 takes a key that is known in hashed form, and not another one', async () => {
    const path = write('hashed', hostLine(sshd.hostKey));
    execFileSync('ssh-keygen', ['-q', '-H', '-f', path], { stdio: 'ignore' });
    assert.match(readFileSync(path, 'utf8'), /^\|1\|/);
    sshd.addAlias('hashed', { UserKnownHostsFile: path });
    const shell = await bench.connected('hashed', 'ssh2');
    assert.equal((await shell.run('echo ok')).stdout.toString(), 'ok\n');
  });

  const uncovered = { ProxyJump: 'elsewhere', ProxyCommand: 'nc %h %p', CertificateFile: '/tmp/cert.pub', KnownHostsCommand: '/bin/true', RevokedHostKeys: '/dev/null' };
  for (const [keyword, value] of Object.entries(uncovered)) {
    it(`DISC-10 ssh2 says "transport: openssh" for ${keyword}`, async () => {
      sshd.addAlias(`with-${keyword.toLowerCase()}`, { [keyword]: value });
      const error = await connectErrorOf(bench.shell(`with-${keyword.toLowerCase()}`, 'ssh2').connect());
      assert.match(error.message, /transport: openssh/);
    });
  }

  it('DISC-1 ssh2 says "transport: openssh" for a key of a certificate authority', async () => {
    sshd.addAlias('authority', { UserKnownHostsFile: write('authority', hostLine(sshd.hostKey, '@cert-authority ')) });
    const error = await connectErrorOf(bench.shell('authority', 'ssh2').connect());
    assert.deepEqual([error.kind, /transport: openssh/.test(error.message)], ['host-key', true]);
  });

  it('DISC-1 ssh2 is not made weaker by StrictHostKeyChecking no', async () => {
    sshd.addAlias('lax', { UserKnownHostsFile: '/dev/null', StrictHostKeyChecking: 'no' });
    assert.equal((await connectErrorOf(bench.shell('lax', 'ssh2').connect())).kind, 'host-key');
  });
});
