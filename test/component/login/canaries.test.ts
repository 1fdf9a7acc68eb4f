import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startScriptedModel, type ScriptedModel } from '../../../src/demo/scriptedModel.ts';
import { stepOfPrompt } from '../../../src/demo/model/steps.ts';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { scriptedProvider } from '../../support/codex.ts';
import { descendantsOf, pidsWithEnv } from '../../support/processTree.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';

/** Secrets of all kinds begin like this. */
const canary = 'canary of';
const jwt = `e30.${Buffer.from(JSON.stringify({ email: 'work@example.com' })).toString('base64url')}.c2ln`;

describe('secrets while the cockpit runs', function () {
  this.timeout(120_000);
  let remote: TmuxFixture;
  let model: ScriptedModel;
  let cockpit: CockpitFixture;
  const outputs: string[] = [];

  before(async () => {
    remote = await startTmux();
    // The agent looks into its own environment, as a model might.
    model = await startScriptedModel({ script: (request) => (request.outputs.length === 0 ? stepOfPrompt('shell env') : { kind: 'say', text: 'done' }) });
    cockpit = await cockpitFixture({ COCKPIT_OTHER: `${canary} the environment`, OPENAI_API_KEY: `${canary} the environment` });
  });

  after(async () => {
    await cockpit.dispose();
    await model.close();
    await remote.stop();
  });

  const say = async (...args: string[]) => {
    const { stdout, stderr } = await cockpit.cli(...args);
    outputs.push(stdout + stderr);
  };
  const config = (password: string) => ({
    hosts: [{ alias: 'box', transport: 'local' as const, tmux_socket: remote.socket }],
    accounts: [{ key: 'work', email: 'work@example.com', password }, { key: 'spare', email: 'spare@example.com' }],
    local_agent_model: 'fake-model',
    codex_config: scriptedProvider(model.url),
    wake: { idle_seconds: 1 },
  });

  const commandLineOf = (one: number) => {
    try {
      return readFileSync(`/proc/${one}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return ''; // it ended meanwhile
    }
  };

  it('CONF-6 a password or a token is in no output, log, audit row, transcript, file of an agent, argv, nor in the environment of a child', async () => {
    await cockpit.writeConfig(config(`${canary} config`));
    await writeFile(cockpit.paths.secrets, `passwords:\n  spare: ${canary} secrets\n`, { mode: 0o600 });
    await mkdir(join(cockpit.paths.accounts, 'work'), { recursive: true, mode: 0o700 });
    const login = join(cockpit.paths.accounts, 'work', 'auth.json');
    await writeFile(login, JSON.stringify({ auth_mode: 'chatgpt', OPENAI_API_KEY: null, tokens: { id_token: jwt, access_token: jwt, refresh_token: `${canary} token`, account_id: 'acct' }, last_refresh: new Date().toISOString() }), { mode: 0o600 });
    await say('up', '--no-attach');
    await cockpit.session((session) => session.nudges.sent > 0 && session.agent.state === 'idle', 'an agent that was nudged');

    await cockpit.writeConfig(config(`${canary} another config`));
    await say('up', '--no-attach');
    for (const args of [['status', '--json'], ['doctor', '--json'], ['audit', '--json'], ['account', 'list', '--json'], ['secret', 'list'], ['explain', 'box/keep', '--json']]) await say(...args);
    await writeFile(cockpit.paths.config, `accounts:\n  - key: work\n    email: work\n    password: "${canary} a broken file\n`);
    await say('up', '--no-attach');
    await rm(cockpit.paths.secrets);
    await mkdir(cockpit.paths.secrets);
    await say('secret', 'list');
    await rm(cockpit.paths.secrets, { recursive: true });
    await cockpit.writeConfig(config(`${canary} config`));

    const { pid } = (await cockpit.status()).supervisor;
    const tainted = pidsWithEnv('COCKPIT_OTHER', `${canary} the environment`);
    const children = descendantsOf(process.pid).concat(pid === null ? [] : descendantsOf(pid));
    // Shells and clients of tmux work in the person's own name, with her environment; what a model or a remote drives does not.
    const holders = tainted.filter((one) => one !== pid).map(commandLineOf);
    assert.deepEqual(holders.filter((line) => line !== '' && !/^(?:sh|tmux .* -C attach-session) /.test(line)), []);
    assert.ok(children.some(({ commandLine }) => /app-server/.test(commandLine)), 'Codex was looked at');
    assert.doesNotMatch(children.map(({ commandLine }) => commandLine).join('\n'), new RegExp(canary));
    assert.ok(model.requests.some(({ outputs: shown }) => shown.some((text) => text.includes('PATH='))), 'the agent has seen its environment');
    assert.doesNotMatch(JSON.stringify(model.requests), new RegExp(canary));
    assert.doesNotMatch(outputs.join('\n'), new RegExp(canary));

    await cockpit.must('down');
    for (const entry of await readdir(cockpit.dir, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (!entry.isFile() || path === cockpit.paths.config || path === login) continue;
      assert.ok(!(await readFile(path)).includes(canary), path);
    }
  });
});
