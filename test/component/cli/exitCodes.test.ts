import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { commandModels } from '../../../src/cli/completion/commandModel.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';

describe('the CLI as a process', function () {
  this.timeout(30_000);
  let cockpit: CockpitFixture;

  before(async () => { cockpit = await cockpitFixture(); });
  after(() => cockpit.dispose());

  it('CTL-4 exit code 0: --help and -h of every command, --version', async () => {
    const calls = commandModels(buildProgram()).map(({ path }, index) => [...path.split(' ').filter(Boolean), index % 2 === 0 ? '--help' : '-h']);
    const results = [];
    // Some at a time: each is a process.
    for (const args of [...calls.slice(0, 6), ...calls.slice(-3), ['--version']]) results.push({ args, ...(await cockpit.cli(...args)) });
    for (const { args, exitCode, stdout, stderr } of results) assert.deepEqual([exitCode, stderr, stdout !== ''], [0, '', true], args.join(' '));
  });

  it('CTL-4 exit code 2: an unknown word suggests the nearest', async () => {
    for (const [args, hint] of [[['statsu'], 'status'], [['ctl', 'next-hots'], 'next-host'], [['status', '--jsn'], '--json'], [['--demmo'], '--demo']] as const) {
      const { exitCode, stderr } = await cockpit.cli(...args);
      assert.equal(exitCode, 2, args.join(' '));
      assert.match(stderr, new RegExp(`Did you mean ${hint}\\?`));
    }
  });

  it('CTL-4 exit code 2: an argument that is missing, one too many, or not a choice', async () => {
    for (const args of [['peek'], ['status', 'x'], ['completion', 'tcsh'], ['open', 'a', '--focus', 'left'], ['mcp'], ['up']]) {
      const { exitCode, stdout, stderr } = await cockpit.cli(...args);
      assert.deepEqual([exitCode, stdout], [2, ''], `${args.join(' ')}: ${stderr}`);
    }
  });

  it('CTL-4 exit code 3: no supervisor where one is needed', async () => {
    for (const args of [['peek', 'a/b'], ['ctl', 'next-host'], ['audit']]) {
      const { exitCode, stderr } = await cockpit.cli(...args);
      assert.equal(exitCode, 3, args.join(' '));
      assert.match(stderr, /cockpit up/);
    }
  });

  it('CONF-4 cockpit alone without a configuration means setup: without a terminal exit code 2, and nothing is made', async () => {
    const { exitCode, stderr } = await cockpit.cli();
    assert.equal(exitCode, 2);
    assert.match(stderr, /config\.yaml/);
    assert.deepEqual((await readdir(cockpit.dir)).sort(), ['home']);
  });
});
