import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HumanError } from '../../../src/supervisor/base/errors.ts';
import { resolveCodex, supportsAppServer } from '../../../src/supervisor/adapters/codex/codexBinary.ts';
import { checkModel, readCatalog } from '../../../src/supervisor/adapters/codex/models.ts';

const wrapper = new URL('../../../node_modules/@openai/codex/bin/codex.js', import.meta.url).pathname;
const native = /\/@openai\/codex-linux-(x64|arm64)\/vendor\/[^/]+\/bin\/codex$/;

describe('the Codex binary', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ck-'));
  });
  after(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  const script = async (name: string, text: string) => {
    const path = join(dir, name);
    await writeFile(path, text);
    await chmod(path, 0o755);
    return path;
  };

  it('PAIR-8 the npm wrapper on PATH is resolved to the native program', async () => {
    await mkdir(join(dir, 'bin'));
    await symlink(wrapper, join(dir, 'bin', 'codex'));
    const binary = await resolveCodex('codex', { PATH: `/nonexistent:${join(dir, 'bin')}` });
    assert.match(binary.path, native);
    assert.ok(supportsAppServer(binary.version), binary.version);
  });

  it('PAIR-8 a native program is taken as it is, under any name', async () => {
    const path = await script('mycodex', '#!/bin/sh\necho codex-cli 0.12.3\n');
    assert.deepEqual(await resolveCodex(path, { PATH: '/usr/bin:/bin' }), { path, version: '0.12.3' });
    assert.deepEqual(await resolveCodex('mycodex', { PATH: `${dir}:/usr/bin:/bin` }), { path, version: '0.12.3' });
  });

  it('DEMO-2 the Codex that is installed beside this program is found last', async () => {
    assert.match((await resolveCodex('codex', { PATH: '/nonexistent' })).path, native);
  });

  it('PAIR-8 says what to do when it is missing, no Codex, or a wrapper without its native program', async () => {
    const broken = await script('broken', '#!/bin/sh\nexit 3\n');
    const lonely = await script('lonely.js', '#!/usr/bin/env node\n');
    await assert.rejects(resolveCodex('no-such-codex', { PATH: dir }), (error) => error instanceof HumanError && /npm install -g @openai\/codex.*codex_path/.test(error.message));
    await assert.rejects(resolveCodex(broken, {}), (error) => error instanceof HumanError && error.code === 'codex-unusable');
    await assert.rejects(resolveCodex(lonely, {}), (error) => error instanceof HumanError && error.code === 'codex-wrapper');
  });

  it('CONF-8 its own catalog is read, and knows what to use instead of the default model', async () => {
    const binary = await resolveCodex('codex', { PATH: '/nonexistent' });
    const home = await mkdtemp(join(dir, 'home-'));
    const catalog = await readCatalog(binary, { HOME: home, PATH: '/usr/bin:/bin' });
    const check = checkModel(catalog, 'gpt-5.4-mini');
    assert.ok(check.kind === 'unknown' && check.nearest.length === 3);
    assert.match(check.substitute ?? '', /luna|mini/);
    assert.deepEqual(checkModel(catalog, check.substitute ?? ''), { kind: 'ok' });
  });
});
