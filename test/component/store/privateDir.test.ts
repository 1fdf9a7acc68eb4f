import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf, HumanError } from '../../../src/supervisor/base/errors.ts';
import { checkPrivateDir, ensurePrivateDir, ensurePrivateFile } from '../../../src/supervisor/protocol/privateDir.ts';

describe('private directories', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ck-'));
  });
  afterEach(() => rm(dir, { recursive: true }));
  const isRefusal = (wanted: RegExp) => (error: unknown) => error instanceof HumanError && codeOf(error) === 'dir-not-private' && error.exitCode === 2 && wanted.test(error.message);

  it('CONF-1 a data directory is made with mode 0700', async () => {
    const path = join(dir, 'a', 'b');
    ensurePrivateDir(path);
    ensurePrivateDir(path);
    assert.equal((await stat(path)).mode & 0o777, 0o700);
  });

  it('CONF-1 one that others can look into is refused with the command that mends it', async () => {
    const path = join(dir, 'open');
    await mkdir(path);
    await chmod(path, 0o750);
    assert.throws(() => ensurePrivateDir(path), isRefusal(/mode 0750.*chmod 700 '.*open'/));
    await chmod(path, 0o700);
    ensurePrivateDir(path);
  });

  it('CONF-1 one of another user is refused', () => {
    // `/` is root's; for root itself the check of the mode refuses it.
    assert.throws(() => checkPrivateDir('/'), isRefusal(process.getuid?.() === 0 ? /open to other users/ : /belongs to another user/));
  });

  it('CONF-1 a file is not a directory', async () => {
    const path = join(dir, 'file');
    await writeFile(path, '');
    assert.throws(() => checkPrivateDir(path), isRefusal(/not a directory/));
  });

  it('CONF-1 a file that is too open is closed', async () => {
    const path = join(dir, 'file');
    assert.equal(ensurePrivateFile(path), true);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    await chmod(path, 0o644);
    assert.equal(ensurePrivateFile(path), false);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });
});
