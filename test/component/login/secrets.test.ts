import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { startKeyring, type KeyringFixture } from '../../support/keyring.ts';
import { openTerminal } from '../../support/terminal.ts';

const canary = 'canary: it\'s "dear" #1 ünïcode';
const listed = z.object({ accounts: z.array(z.object({ account: z.string(), email: z.string(), place: z.string().nullable() })) });

describe('passwords of accounts', function () {
  this.timeout(40_000);
  let keyring: KeyringFixture;
  let cockpit: CockpitFixture | null = null;

  before(async () => { keyring = await startKeyring(); });
  after(() => keyring.stop());
  afterEach(async () => {
    await cockpit?.dispose();
    cockpit = null;
  });

  const open = async (env: NodeJS.ProcessEnv = {}) => {
    cockpit = await cockpitFixture(env);
    await cockpit.writeConfig({ accounts: [{ key: 'work', email: 'me@example.com' }, { key: 'spare', email: 'me2@example.com' }] });
    return cockpit;
  };
  const setFromStdin = (opened: CockpitFixture, key: string, input: string) =>
    new Promise<string>((resolve, reject) => {
      const [node = '', ...args] = opened.argv('secret', 'set', key);
      execFile(node, args, { env: opened.env }, (error, stdout, stderr) => { if (error === null) resolve(stdout); else reject(new Error(stderr, { cause: error })); }).stdin?.end(input);
    });
  const places = async (opened: CockpitFixture) => Object.fromEntries(listed.parse(JSON.parse(await opened.must('secret', 'list', '--json'))).accounts.map(({ account, place }) => [account, place]));

  it('CONF-6 with a keyring a password is there and in no file; remove takes it out', async () => {
    const opened = await open(keyring.env);
    assert.match(await setFromStdin(opened, 'work', `${canary}\n`), /is in the keyring/);
    assert.deepEqual(await places(opened), { work: 'keyring', spare: null });
    await assert.rejects(stat(opened.paths.secrets), { code: 'ENOENT' });
    assert.match(await opened.must('doctor'), /passwords +in the keyring/);
    assert.match(await opened.must('secret', 'remove', 'work'), /out of the keyring/);
    assert.deepEqual(await places(opened), { work: null, spare: null });
  });

  it('CONF-6 without a keyring it is in secrets.yaml, 0600, and what a person wrote there stays', async () => {
    const opened = await open();
    await writeFile(opened.paths.secrets, "# mine\npasswords:\n  spare: 'by hand' # note\n", { mode: 0o600 });
    assert.ok((await setFromStdin(opened, 'work', canary)).includes(opened.paths.secrets));
    assert.equal((await stat(opened.paths.secrets)).mode & 0o777, 0o600);
    const text = await readFile(opened.paths.secrets, 'utf8');
    assert.match(text, /^# mine\npasswords:\n {2}spare: 'by hand' # note\n {2}work: /);
    assert.deepEqual(await places(opened), { work: 'secrets.yaml', spare: 'secrets.yaml' });
    assert.match(await opened.must('secret', 'remove', 'work'), /secrets\.yaml/);
    assert.doesNotMatch(await readFile(opened.paths.secrets, 'utf8'), /canary/);
  });

  it('CONF-6 a password in config.yaml is used, doctor says how to move it, import moves it and keeps the comments', async () => {
    const opened = await open();
    await writeFile(opened.paths.config, `accounts:\n  # first\n  - key: work\n    email: me@example.com # mine\n    password: ${JSON.stringify(canary)}\n`);
    assert.deepEqual(await places(opened), { work: 'config.yaml' });
    assert.match(await opened.must('doctor'), /config\.yaml holds the password of work[^]*cockpit secret import/);
    await opened.must('secret', 'import');
    assert.equal(await readFile(opened.paths.config, 'utf8'), 'accounts:\n  # first\n  - key: work\n    email: me@example.com # mine\n');
    assert.deepEqual(await places(opened), { work: 'secrets.yaml' });
  });

  it('CONF-6 a typed password is not shown', async () => {
    const opened = await open();
    const terminal = await openTerminal(opened.argv('secret', 'set', 'work'), { env: opened.env });
    try {
      await terminal.shows(/Password of me@example\.com/);
      await terminal.type('canary-typed');
      await terminal.key('Enter');
      const screen = await terminal.shows(/The password of work is in/);
      assert.doesNotMatch(screen, /canary/);
    } finally {
      await terminal.close();
    }
    assert.match(await readFile(opened.paths.secrets, 'utf8'), /work: canary-typed/);
  });

  it('CONF-6 a secrets.yaml that is broken or open to others is refused, quotes nothing, exit code 2', async () => {
    const opened = await open();
    for (const text of ["passwords:\n  work: 'canary\n", 'passwords: canary\n', 'canary: 1\n']) {
      await writeFile(opened.paths.secrets, text, { mode: 0o600 });
      const { exitCode, stdout, stderr } = await opened.cli('secret', 'list');
      assert.equal(exitCode, 2, stderr);
      assert.doesNotMatch(stdout + stderr, /canary/);
      assert.equal(await readFile(opened.paths.secrets, 'utf8'), text);
    }
    await chmod(opened.paths.secrets, 0o644);
    assert.match((await opened.cli('secret', 'list')).stderr, /chmod 600/);
    assert.equal((await opened.cli('secret', 'set', 'nobody')).exitCode, 2);
  });
});
