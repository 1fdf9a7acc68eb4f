import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';

describe('cockpit host and account, without questions', () => {
  let cockpit: CockpitFixture;

  before(async () => {
    cockpit = await cockpitFixture();
    const sshConfig = join(cockpit.dir, 'ssh-config');
    await writeFile(sshConfig, 'Host box spare\n  HostName 127.0.0.1\n');
    cockpit.env['COCKPIT_SSH_CONFIG'] = sshConfig;
  });

  after(() => cockpit.dispose());

  const json = async (...args: string[]) => JSON.parse(await cockpit.must(...args, '--json')) as unknown;
  const config = () => readFile(cockpit.paths.config, 'utf8');

  it('CONF-4 CTL-4 lists what the ssh configuration offers, adds, sets and removes hosts, and keeps comments', async () => {
    assert.deepEqual(await json('host', 'list'), { hosts: [], sshAliases: ['box', 'spare'] });
    await cockpit.must('host', 'add', 'box', 'spare');
    await writeFile(cockpit.paths.config, `# mine\n${await config()}`);
    await cockpit.must('host', 'add', 'box', '--no-wake', '--remote-auth', 'allow');
    await cockpit.must('host', 'remove', 'spare');
    assert.deepEqual(await json('host', 'list'), { hosts: [{ alias: 'box', sshTarget: 'box', wake: false, approvals: 'bypass', remoteAuth: 'allow' }], sshAliases: ['spare'] });
    assert.match(await config(), /^# mine\n/);
    await cockpit.must('host', 'add', 'box', '--wake');
    assert.match(await config(), /alias: box\n {4}wake: true\n {4}remote_auth: allow/);
  });

  it('CONF-3 CONF-4 refuses what is no host, and names what there is', async () => {
    const before = await config();
    for (const [args, says] of [[['host', 'remove', 'bxo'], /No host bxo.*box/], [['host', 'add', 'a b'], /without spaces/], [['account', 'add', 'work', 'nobody'], /e-mail address/], [['account', 'remove', 'work'], /No account work.*none/]] as const) {
      const { exitCode, stderr } = await cockpit.cli(...args);
      assert.equal(exitCode, 2, args.join(' '));
      assert.match(stderr, says);
    }
    assert.equal(await config(), before);
  });

  it('CONF-4 CONF-6 adds and removes accounts; a password goes with its account', async () => {
    await cockpit.must('account', 'add', 'work', 'me@example.com');
    await cockpit.must('account', 'add', 'spare', 'other@example.com');
    await writeFile(cockpit.paths.secrets, 'passwords:\n  work: canary-of-hosts\n', { mode: 0o600 });
    assert.deepEqual(await json('account', 'list'), { accounts: [{ key: 'work', email: 'me@example.com', loggedIn: false }, { key: 'spare', email: 'other@example.com', loggedIn: false }] });
    await cockpit.must('account', 'remove', 'work');
    assert.deepEqual(await json('account', 'list'), { accounts: [{ key: 'spare', email: 'other@example.com', loggedIn: false }] });
    assert.doesNotMatch(await readFile(cockpit.paths.secrets, 'utf8'), /canary/);
  });
});
