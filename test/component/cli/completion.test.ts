import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { completionScript } from '../../../src/cli/commands/completion.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { controls } from '../../../src/supervisor/protocol/api.ts';

const exec = promisify(execFile);

describe('completion in bash', () => {
  let dir: string;
  let script: string;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ck-'));
    script = join(dir, 'completion.bash');
    await writeFile(script, completionScript(buildProgram(), 'bash'));
    // Stands for cockpit: says what it was asked, and has a name that a shell would run if it expanded it.
    const stub = `#!/bin/sh\necho "$@" >> '${dir}/asked'\ncase "$*" in *--hosts*) echo ai; echo train;; *) echo ai/cockpit-main; echo train/cockpit-x; echo 'ai/$(touch '${dir}'/run)';; esac\n`;
    await writeFile(join(dir, 'cockpit'), stub);
    await chmod(join(dir, 'cockpit'), 0o755);
  });
  after(() => rm(dir, { recursive: true, force: true }));

  /** What bash offers for the last word. */
  const complete = async (...words: string[]): Promise<string[]> => {
    const program = 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cockpit; printf "%s\\n" "${COMPREPLY[@]}"';
    const { stdout } = await exec('bash', ['--norc', '-c', program, 'bash', script, join(dir, 'cockpit'), ...words]);
    return stdout.split('\n').filter((line) => line !== '');
  };

  it('CTL-4 offers commands, subcommands and options of where the line is', async () => {
    assert.ok((await complete('')).includes('status'));
    assert.ok(!(await complete('')).some((word) => ['supervise', 'demo-run', 'complete-sessions'].includes(word)), 'hidden commands stay hidden');
    assert.deepEqual(await complete('ct'), ['ctl']);
    assert.deepEqual(await complete('ctl', ''), [...controls]);
    assert.deepEqual(await complete('--data-dir', '/tmp', 'ctl', 'next-s'), ['next-session']);
    assert.deepEqual(await complete('up', '--no'), ['--no-attach']);
    assert.deepEqual(await complete('audit', 'v'), ['verify']);
    assert.ok((await complete('status', '--')).includes('--data-dir'));
  });

  it('CTL-4 offers the choices of an option and of an argument', async () => {
    assert.deepEqual(await complete('open', '--focus', ''), ['remote', 'agent']);
    assert.deepEqual(await complete('completion', ''), ['bash', 'zsh', 'fish']);
  });

  it('CTL-4 asks the cockpit of the same data directory for sessions and hosts, and never expands their names', async () => {
    await rm(join(dir, 'asked'), { force: true });
    assert.deepEqual(await complete('--demo', 'peek', 'ai/cock'), ['ai/cockpit-main']);
    assert.deepEqual(await complete('mcp', '--session', 'tr'), ['train/cockpit-x']);
    assert.deepEqual(await complete('--data-dir', '/x', 'new', ''), ['ai', 'train']);
    assert.equal(await readFile(join(dir, 'asked'), 'utf8'), '--demo complete-sessions\ncomplete-sessions\n--data-dir /x complete-sessions --hosts\n');
    assert.equal((await complete('peek', 'ai/')).length, 2);
    await assert.rejects(readFile(join(dir, 'run')), { code: 'ENOENT' });
  });

  it('CTL-4 says nothing about sessions where no supervisor runs', async () => {
    const { stdout, stderr } = await exec(process.execPath, [new URL('../../../src/cli/cockpit.ts', import.meta.url).pathname, '--data-dir', dir, 'complete-sessions']);
    assert.deepEqual([stdout, stderr], ['', '']);
  });
});
