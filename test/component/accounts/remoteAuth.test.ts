import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startScriptedModel, type ScriptedModel, type Step } from '../../../src/demo/scriptedModel.ts';
import { resolveCodex } from '../../../src/supervisor/adapters/codex/codexBinary.ts';
import { relaunchCommand } from '../../../src/supervisor/adapters/codex/policy/policyFiles.ts';
import { toToml } from '../../../src/supervisor/adapters/codex/toml.ts';
import { quote } from '../../../src/supervisor/adapters/shell/shell.ts';
import { accountOf, limitedModel, logIn } from '../../support/accounts.ts';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { scriptedProvider } from '../../support/codex.ts';
import { fleetClient, type FleetClient } from '../../support/fleetClient.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { until } from '../../support/until.ts';
import { connect } from '../mcp/mcpClient.ts';
import { SessionClient } from '../session/sessionFixture.ts';

const usedUp: Step = { kind: 'fail', failure: '429usage' };

describe('logging a remote Codex in over ssh', function () {
  this.timeout(120_000);
  let sshd: SshdFixture;
  let socket: string;
  let spyDir: string;
  let model: ScriptedModel;
  let agentModel: ScriptedModel;
  let cockpit: CockpitFixture;
  let fleet: FleetClient;
  let tools: SessionClient;
  const limits = new Map<string, Step>();

  before(async () => {
    spyDir = await mkdtemp(join(tmpdir(), 'ck-spy-'));
    // In the middle of an install it writes down what every process has as arguments and environment.
    await writeFile(join(spyDir, 'mv'), `#!/bin/sh\ncat /proc/[0-9]*/cmdline /proc/[0-9]*/environ >${quote(spyDir)}/seen 2>/dev/null\nexec /bin/mv "$@"\n`, { mode: 0o755 });
    sshd = await startSshd({ env: { PATH: `${spyDir}:/usr/local/bin:/usr/bin:/bin` } });
    socket = join(sshd.dir, 't.sock');
    model = await startScriptedModel({ script: limitedModel((account) => limits.get(account) ?? null) });
    agentModel = await startScriptedModel();
    await prepareRemote();
    cockpit = await cockpitFixture({ COCKPIT_SSH_CONFIG: sshd.configFile });
    await cockpit.writeConfig({
      hosts: [{ alias: 'box', tmux_socket: socket, wake: false }],
      accounts: ['a', 'b', 'c'].map((key) => ({ key, email: `${key}@example.com` })),
      local_agent_model: 'fake-model',
      remote_agent_model: 'fake-model',
      codex_config: scriptedProvider(agentModel.url),
    });
    for (const key of ['a', 'b', 'c']) await logIn(cockpit.paths, key);
    await cockpit.must('up', '--no-attach');
    fleet = await fleetClient(cockpit);
    await fleet.session('box', 'cockpit-work', (session) => session.owner === 'agent' && session.agent.state === 'idle');
    const { url, token } = await fleet.client.request('grant/create', { session: 'box/work', ttlMs: null });
    tools = new SessionClient(await connect(url, token));
    await tools.client.listTools();
  });

  after(async () => {
    await tools.client.close();
    fleet.dispose();
    await cockpit.dispose();
    await model.close();
    await agentModel.close();
    await sshd.stop();
    await rm(spyDir, { recursive: true, force: true });
  });

  const remote = (...args: string[]) => execFileSync('tmux', ['-S', socket, ...args], { encoding: 'utf8' });
  const loginFile = () => join(sshd.home, '.codex', 'auth.json');
  const audit = async () => (await fleet.client.request('audit/list', { session: null, limit: 100, sinceSeq: 0 })).actions.filter(({ kind }) => kind === 'remote-auth');
  const mode = async () => (await tools.call('session_status')).mode;
  const is = (wanted: string) => until(async () => (await mode()) === wanted, { what: `the remote is ${wanted}`, timeoutMs: 20_000 });
  const type = async (text: string) => {
    await tools.call('session_status');
    assert.equal((await tools.call('send_text', { text })).outcome, 'accepted');
  };
  /** What the policy tells the agent to do. */
  const relaunch = async (explanation: string) => {
    const command = relaunchCommand('bypass', 'fake-model');
    assert.ok(explanation.includes(command), explanation);
    await type('/quit');
    await is('shell');
    await type(command);
    await is('idle');
  };
  const askedBy = (account: string, prompt: string) => until(() => model.requests.find((request) => accountOf(request) === account && request.prompt === prompt), { what: `${prompt} by ${account}`, timeoutMs: 20_000 });

  it('MCP-7 the operator is asked first, nothing leaves before, and the agent is told of the answer', async () => {
    limits.set('own', usedUp);
    await type('first task');
    await is('out-of-tokens');
    const asked = await tools.call('install_remote_auth');
    assert.equal(asked.outcome, 'refused');
    assert.match(asked.explanation, /operator has to allow it for box and was asked/);
    assert.match(await cockpit.must('status'), /! box\/\$0 asks whether .*`cockpit remote-auth box allow`/);
    assert.equal(readFileSync(loginFile(), 'utf8').includes('sk-test-own'), true);
    assert.deepEqual(await audit(), []);
    await cockpit.must('remote-auth', 'box', 'allow');
    await until(() => agentModel.requests.some(({ prompt }) => prompt.startsWith('The operator allowed to install a login')), { what: 'the agent is told', timeoutMs: 20_000 });
    assert.doesNotMatch(await cockpit.must('status'), /asks whether/);
    assert.match(await readFile(cockpit.paths.config, 'utf8'), /remote_auth: allow/);
  });

  it('MCP-7 ACCT-2 the login arrives whole and private through stdin, with its audit row; the real Codex there goes on with its thread', async () => {
    const done = await tools.call('install_remote_auth');
    assert.deepEqual([done.outcome, done.account], ['installed', 'b']);
    const seen = await readFile(join(spyDir, 'seen'), 'utf8');
    assert.ok(seen.includes('sshd:') && !seen.includes('sk-test-'), 'in no argument and no environment');
    assert.equal(await readFile(loginFile(), 'utf8'), await readFile(join(cockpit.paths.accounts, 'b', 'auth.json'), 'utf8'));
    assert.equal(statSync(loginFile()).mode & 0o777, 0o600);
    assert.match(await readFile(`${loginFile()}.before-cockpit`, 'utf8'), /sk-test-own/);
    assert.deepEqual(readdirSync(join(sshd.home, '.codex')).filter((name) => name.startsWith('.auth.json')), [], 'no half file');
    assert.deepEqual((await audit()).map(({ outcome, tool }) => [tool, outcome]), [['install_remote_auth', 'accepted']]);
    assert.equal((await tools.call('install_remote_auth')).outcome, 'relaunch', 'the old text is acted on once');
    await relaunch(done.explanation);
    await type('second task');
    const request = await askedBy('b', 'second task');
    assert.match(request.messages.map(({ text }) => text).join('\n'), /first task/, 'the thread goes on');
    const status = await fleet.status();
    assert.deepEqual(status.accounts.map(({ key, installedAt }) => [key, installedAt]), [['a', []], ['b', ['box']], ['c', []]]);
    assert.equal(status.hosts[0]?.sessions[0]?.remoteAccount, 'b');
  });

  it('ACCT-2 ACCT-3 the same text moves it from B to C', async () => {
    await is('idle');
    limits.set('b', usedUp);
    await type('third task');
    await is('out-of-tokens');
    const done = await tools.call('install_remote_auth');
    assert.deepEqual([done.outcome, done.account], ['installed', 'c']);
    await relaunch(done.explanation);
    await type('fourth task');
    await askedBy('c', 'fourth task');
    assert.deepEqual((await fleet.status()).accounts.map(({ key, state }) => [key, state]), [['a', 'ready'], ['c', 'ready'], ['b', 'exhausted']]);
    assert.equal((await fleet.session('box', 'cockpit-work')).account, 'a', 'the agent stays on its own');
  });

  it('MCP-7 it is refused while the operator owns the session, and where the operator says never', async () => {
    await cockpit.must('ctl', 'toggle-focus');
    await fleet.session('box', 'cockpit-work', (session) => session.owner === 'human');
    assert.match((await tools.call('install_remote_auth')).explanation, /operator owns/);
    await cockpit.must('ctl', 'toggle-focus');
    await fleet.session('box', 'cockpit-work', (session) => session.owner === 'agent');
    await cockpit.must('remote-auth', 'box', 'never');
    assert.match((await tools.call('install_remote_auth')).explanation, /does not allow.*a login by a code/);
    assert.equal((await audit()).length, 2);
  });

  it('MCP-7 undo gives the host its own login back, also from nothing; no secret is in the log or the audit', async () => {
    assert.match(await cockpit.must('remote-auth', 'box', '--undo'), /has its own login back/);
    assert.match(await readFile(loginFile(), 'utf8'), /sk-test-own/);
    assert.match(await cockpit.must('remote-auth', 'box', '--undo'), /installed no login/);
    await rm(loginFile());
    await cockpit.must('remote-auth', 'box', 'allow');
    assert.equal((await tools.call('install_remote_auth')).outcome, 'installed');
    assert.match(await cockpit.must('remote-auth', 'box', '--undo'), /had no login before/);
    assert.ok(!readdirSync(join(sshd.home, '.codex')).some((name) => name.includes('auth.json')));
    assert.deepEqual((await fleet.status()).accounts.flatMap(({ installedAt }) => installedAt), []);
    for (const text of [await readFile(cockpit.paths.log, 'utf8'), await cockpit.must('audit', '--json'), await cockpit.must('status', '--json')]) assert.ok(!text.includes('sk-test-'));
  });

  /** A remote as an operator has it: Codex on the PATH of a shell in tmux, logged in with a login of its own. */
  async function prepareRemote(): Promise<void> {
    const { path } = await resolveCodex('codex', { ...process.env, PATH: '' });
    const [home, bin, workdir] = [join(sshd.home, '.codex'), join(sshd.home, 'bin'), join(sshd.home, 'project')];
    for (const dir of [home, bin, workdir, join(home, 'tmp')]) await mkdir(dir, { recursive: true });
    await writeFile(join(bin, 'codex'), `#!/bin/sh\nexec ${quote(path)} --no-daemon "$@"\n`, { mode: 0o755 });
    await writeFile(join(home, 'auth.json'), JSON.stringify({ auth_mode: 'apikey', OPENAI_API_KEY: 'sk-test-own' }), { mode: 0o600 });
    await writeFile(join(home, 'config.toml'), toToml({
      model: 'fake-model',
      model_provider: 'scripted',
      model_providers: { scripted: { name: 'Scripted', base_url: model.url, wire_api: 'responses', stream_max_retries: 1, request_max_retries: 0, requires_openai_auth: true } },
      check_for_update_on_startup: false,
      features: { daemon_auto_start: false, enable_request_compression: false },
      tui: { screen_reader_detection_done: true },
      notice: { hide_rate_limit_model_nudge: true },
      projects: { [workdir]: { trust_level: 'trusted' } },
    }));
    const env = { HOME: sshd.home, CODEX_HOME: home, TMPDIR: join(home, 'tmp'), PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`, LANG: 'C.UTF-8', PS1: '$ ' };
    const words = Object.entries(env).map(([name, value]) => quote(`${name}=${value}`));
    remote('new-session', '-d', '-s', 'cockpit-work', '-x', '110', '-y', '32', '-c', workdir, `exec env -i TERM="$TERM" ${words.join(' ')} sh`);
    remote('send-keys', '-t', 'cockpit-work', 'codex --dangerously-bypass-approvals-and-sandbox', 'Enter');
    await until(() => remote('capture-pane', '-p', '-t', 'cockpit-work').includes('› Ask Codex to do anything'), { what: 'the composer of the remote Codex', timeoutMs: 30_000 });
  }
});
