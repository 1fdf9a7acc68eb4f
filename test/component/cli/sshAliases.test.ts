import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSshAliases } from '../../../src/cli/sshAliases.ts';

describe('ssh aliases', () => {
  let home: string;
  const write = (name: string, ...lines: string[]) => writeFile(join(home, '.ssh', name), lines.join('\n'));

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'ck-'));
    await mkdir(join(home, '.ssh', 'conf.d'), { recursive: true });
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const read = (systemFile: string | null = null) => readSshAliases({ home, systemFile });

  it('CONF-4 takes Host words without wildcard or negation, in their order, once each', async () => {
    await write('config', '# Host commented', 'Host ai train # and a remark', '  HostName 10.0.0.1', 'host=gpu', 'HOST "quoted" *.lan !not a?c ai', 'Match host inner', 'Host\ttabbed', 'Host -oProxyCommand=x');
    assert.deepEqual(await read(), ['ai', 'train', 'gpu', 'quoted', 'tabbed']);
  });

  it('CONF-4 follows Include: relative to ~/.ssh, with ~, globs, several words, inside of a block, nested', async () => {
    await write('config', 'Include conf.d/*.conf ~/.ssh/more', 'Host last', '  Include nested', 'Include nowhere conf.d');
    await write('conf.d/b.conf', 'Host b');
    await write('conf.d/a.conf', 'Host a');
    await write('conf.d/.hidden.conf', 'Host hidden');
    await write('conf.d/c.txt', 'Host c');
    await write('more', 'Host more');
    await write('nested', 'Include conf.d/[cd].txt');
    assert.deepEqual(await read(), ['a', 'b', 'more', 'last', 'c']);
  });

  it('CONF-4 reads the system file too, whose Include is relative to its own folder, and ends a loop of Includes', async () => {
    await mkdir(join(home, 'etc'));
    await writeFile(join(home, 'etc', 'ssh_config'), 'Include also\nHost system');
    await writeFile(join(home, 'etc', 'also'), 'Include ssh_config\nHost also');
    await write('config', 'Host mine');
    const found = await read(join(home, 'etc', 'ssh_config'));
    assert.equal(found[0], 'mine');
    assert.deepEqual([...found].sort(), ['also', 'mine', 'system']);
  });

  it('CONF-4 offers nothing where there is no ssh configuration', async () => {
    assert.deepEqual(await read(), []);
  });
});
