import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile, lstat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeAccount, upsertAccount } from '../../../src/supervisor/adapters/configFile/accountEdits.ts';
import { editConfig } from '../../../src/supervisor/adapters/configFile/editConfig.ts';
import { removeHost, setHostKey, upsertHost } from '../../../src/supervisor/adapters/configFile/hostEdits.ts';
import { loadConfig } from '../../../src/supervisor/adapters/configFile/loadConfig.ts';
import { HumanError } from '../../../src/supervisor/base/errors.ts';

const written = `# my cockpit

# the machines
hosts:
  # the good one
  - alias: ai # never off
    wake: true # nudge it

  # the slow one
  - alias: slow
    tmux_socket: "work" # its own server

# models
local_agent_model: gpt-5.4-mini # cheap
on_attention: notify-send "a very long command line that is longer than eighty characters" --and "it must stay on one line"

# the end
`;

describe('editConfig', () => {
  let dir: string;
  let path: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ck-'));
    path = join(dir, 'config.yaml');
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('CONF-2 an edit keeps every comment, every other line and the order', async () => {
    await writeFile(path, written);
    const config = editConfig(path, (doc) => {
      assert.ok(setHostKey(doc, 'ai', 'wake', false));
      upsertHost(doc, { alias: 'new', transport: 'local', tmux_socket: '/tmp/x' });
    });
    assert.deepEqual(config.hosts.map(({ alias, wake }) => [alias, wake]), [['ai', false], ['slow', true], ['new', true]]);
    const after = await readFile(path, 'utf8');
    const added = '  - alias: new\n    transport: local\n    tmux_socket: /tmp/x\n';
    assert.equal(after.replace(added, ''), written.replace('wake: true #', 'wake: false #'));
    assert.ok(after.indexOf(added) > after.indexOf('alias: slow') && after.indexOf(added) < after.indexOf('# models'));
  });

  it('CONF-2 the file is 0600, replaced whole, and nothing else is left in the folder', async () => {
    await writeFile(path, written, { mode: 0o644 });
    const before = (await stat(path)).ino;
    editConfig(path, (doc) => upsertHost(doc, { alias: 'new' }));
    const after = await stat(path);
    assert.equal(after.mode & 0o777, 0o600);
    assert.notEqual(after.ino, before);
    assert.deepEqual(await readdir(dir), ['config.yaml']);
  });

  it('CONF-2 hosts and accounts are added, changed and removed', () => {
    editConfig(path, (doc) => {
      upsertHost(doc, { alias: 'a', codex_config: { features: { goals: false } } });
      upsertHost(doc, { alias: 'b' });
      upsertAccount(doc, { key: 'w', email: 'a@b' });
    });
    const config = editConfig(path, (doc) => {
      upsertHost(doc, { alias: 'a', ssh_target: 'me@a' });
      assert.ok(removeHost(doc, 'b'));
      assert.ok(!removeHost(doc, 'nobody'));
      assert.ok(!setHostKey(doc, 'nobody', 'wake', true));
      upsertAccount(doc, { key: 'w', email: 'c@d' });
    });
    assert.deepEqual(config.hosts.map(({ alias, sshTarget, codexConfig }) => ({ alias, sshTarget, codexConfig })), [{ alias: 'a', sshTarget: 'me@a', codexConfig: { features: { goals: false } } }]);
    assert.equal(config.accounts[0]?.email, 'c@d');
    const emptied = editConfig(path, (doc) => {
      assert.ok(removeHost(doc, 'a'));
      assert.ok(removeAccount(doc, 'w'));
      assert.ok(!removeAccount(doc, 'w'));
    });
    assert.deepEqual([emptied.hosts, emptied.accounts], [[], []]);
  });

  it('CONF-2 a missing file is made with the explained defaults', async () => {
    assert.deepEqual(await loadConfig(path), { ok: 'missing' });
    editConfig(path, (doc) => upsertHost(doc, { alias: 'ai' }));
    const text = await readFile(path, 'utf8');
    assert.match(text, /# claim_timeout: off/);
    assert.match(text, /hosts:\n {2}- alias: ai\n/);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it('CONF-2 a link to a file elsewhere stays a link', async () => {
    const target = join(dir, 'dotfile.yaml');
    await writeFile(target, written);
    await symlink(target, path);
    editConfig(path, (doc) => upsertHost(doc, { alias: 'new' }));
    assert.ok((await lstat(path)).isSymbolicLink());
    assert.match(await readFile(target, 'utf8'), /alias: new/);
  });

  it('CONF-2 lists that are not indented stay so', async () => {
    await writeFile(path, 'hosts:\n# one\n- alias: a\n  wake: false\n');
    editConfig(path, (doc) => upsertHost(doc, { alias: 'b' }));
    assert.equal(await readFile(path, 'utf8'), 'hosts:\n# one\n- alias: a\n  wake: false\n- alias: b\n');
  });

  it('CONF-3 a wrong file, and an edit that would make it wrong, change nothing', async () => {
    await writeFile(path, 'hosts:\n  - alias: a\n    wkae: true\n');
    const isRefusal = (wanted: RegExp) => (error: unknown) => error instanceof HumanError && error.code === 'config-wrong' && error.exitCode === 2 && wanted.test(error.message);
    assert.throws(() => editConfig(path, (doc) => upsertHost(doc, { alias: 'b' })), isRefusal(/^config\.yaml:3:5: "wkae" is not a key/m));
    assert.equal(await readFile(path, 'utf8'), 'hosts:\n  - alias: a\n    wkae: true\n');
    await writeFile(path, written);
    assert.throws(() => editConfig(path, (doc) => upsertHost(doc, { alias: 'b c' })), isRefusal(/hosts\[2\]\.alias "b c" is not allowed/));
    assert.equal(await readFile(path, 'utf8'), written);
    assert.deepEqual(await readdir(dir), ['config.yaml']);
  });

  it('CONF-3 a file that is not UTF-8 is refused with its place', async () => {
    await writeFile(path, Buffer.from('hosts: [{alias: \xe9}]', 'latin1'));
    assert.deepEqual(await loadConfig(path), { ok: false, problems: [{ line: 1, col: 1, message: 'not UTF-8: save it as UTF-8 text' }] });
  });
});
