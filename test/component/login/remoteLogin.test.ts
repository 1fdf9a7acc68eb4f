import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startScriptedModel, type ScriptedModel } from '../../../src/demo/scriptedModel.ts';
import { resolveCodex } from '../../../src/supervisor/adapters/codex/codexBinary.ts';
import { quote } from '../../../src/supervisor/adapters/shell/shell.ts';
import { logIn } from '../../support/accounts.ts';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { scriptedProvider } from '../../support/codex.ts';
import { fleetClient, type FleetClient } from '../../support/fleetClient.ts';
import { startLoginSite, type LoginSite } from '../../support/login/site.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { openTerminal } from '../../support/terminal.ts';
import { until } from '../../support/until.ts';
import { connect } from '../mcp/mcpClient.ts';
import { SessionClient } from '../session/sessionFixture.ts';

const work = { email: 'work@example.com', password: 'canary of work' };

describe('remote-login', function () {
  this.timeout(120_000);
  let sshd: SshdFixture;
  let site: LoginSite;
  let model: ScriptedModel;
  let cockpit: CockpitFixture;
  let fleet: FleetClient;

  before(async () => {
    site = await startLoginSite([work]);
    model = await startScriptedModel();
    // Only a login shell finds Codex there, and it is a noisy one.
    sshd = await startSshd({ loginScript: 'echo NOISE\nPATH="$HOME/bin:/usr/bin:/bin"; export PATH\n', env: { PATH: '/usr/bin:/bin' } });
    await mkdir(join(sshd.home, 'bin'));
    await mkdir(join(sshd.home, '.codex'));
    const { path } = await resolveCodex('codex', { ...process.env, PATH: '' });
    await remoteCodex(`case $1 in login) exec ${quote(path)} "$@" --experimental_issuer ${quote(site.env.CODEX_APP_SERVER_LOGIN_ISSUER)};; *) exec ${quote(path)} --no-daemon "$@";; esac`);
    cockpit = await cockpitFixture({ COCKPIT_SSH_CONFIG: sshd.configFile, ...site.env });
    await cockpit.writeConfig({
      hosts: [{ alias: 'box', tmux_socket: join(sshd.dir, 't.sock'), wake: false, remote_auth: 'never' }],
      accounts: [{ key: 'work', ...work }],
      local_agent_model: 'fake-model',
      codex_config: scriptedProvider(model.url),
    });
    await logIn(cockpit.paths, 'work');
    await cockpit.must('up', '--no-attach');
    fleet = await fleetClient(cockpit);
    await fleet.session('box', 'cockpit-main', (session) => session.owner === 'agent' && session.agent.state === 'idle');
  });

  after(async () => {
    fleet.dispose();
    await cockpit.dispose();
    await sshd.stop();
    await model.close();
    await site.stop();
  });

  const remoteCodex = (script: string) => writeFile(join(sshd.home, 'bin', 'codex'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const loginFile = () => join(sshd.home, '.codex', 'auth.json');
  const rows = async () => (await fleet.client.request('audit/list', { session: null, limit: 100, sinceSeq: 0 })).actions.filter(({ tool }) => tool === 'remote-login').map(({ outcome }) => outcome);
  const isOver = () => until(() => !sshd.commandLines().some((line) => line.includes('--device-auth')), { what: 'no login runs there' });

  it('MCP-7 a remote Codex that lost its login and may get none: the operator is told of the way, which logs it in with their browser and copies nothing; the agent is told', async () => {
    const { url, token } = await fleet.client.request('grant/create', { session: 'box/main', ttlMs: null });
    const tools = new SessionClient(await connect(url, token));
    await tools.client.listTools();
    await tools.call('session_status');
    await tools.call('send_text', { text: `exec ${join(sshd.home, 'bin', 'codex')}` });
    await fleet.session('box', 'cockpit-main', (session) => session.state === 'auth-needed');
    await tools.call('session_status');
    assert.match((await tools.call('install_remote_auth')).explanation, /does not allow.*remote_login_workflow\.md/);
    await tools.client.close();
    assert.match(await cockpit.must('status'), /! Codex at box has lost its login: `cockpit remote-login box ACCOUNT`/);

    const local = await readFile(join(cockpit.paths.accounts, 'work', 'auth.json'), 'utf8');
    assert.match(await cockpit.must('remote-login', 'box', 'work', '--headless'), /box: Codex there is logged in as work@example\.com\./);
    assert.match(await readFile(loginFile(), 'utf8'), /"refresh-work@example\.com"/);
    assert.equal((await stat(loginFile())).mode & 0o777, 0o600);
    assert.equal(await readFile(join(cockpit.paths.accounts, 'work', 'auth.json'), 'utf8'), local, 'the login of this machine is another one');
    assert.deepEqual(await rows(), ['accepted']);
    await until(() => model.requests.some(({ prompt }) => prompt.startsWith('box has a new login.')), { what: 'the agent is told', timeoutMs: 20_000 });
    assert.doesNotMatch(await cockpit.must('status'), /lost its login/);
    for (const text of [await readFile(cockpit.paths.log, 'utf8'), await cockpit.must('audit', '--json')]) assert.doesNotMatch(text, /canary|refresh-work/);
    await isOver();
  });

  it('MCP-7 --by-hand prints page and code and waits; Ctrl-C ends the Codex there too, and the login there stays what it was', async () => {
    const before = await readFile(loginFile(), 'utf8');
    const terminal = await openTerminal(cockpit.argv('remote-login', 'box', 'work', '--by-hand'), { env: cockpit.env });
    try {
      await terminal.shows(/open http\S+\/codex\/device in a browser on any machine, enter the code ABCD-EFGHI\s+and log in as work@example\.com/);
      await until(() => sshd.commandLines().some((line) => line.includes('--device-auth')));
      await terminal.key('C-c');
      assert.equal(await terminal.ended(), 1);
      await terminal.shows(/cockpit: Ended; Codex at box is as it was\./);
    } finally {
      await terminal.close();
    }
    await isOver();
    await until(async () => (await readFile(loginFile(), 'utf8')) === before, { what: 'the old login is back' });
    assert.equal((await readdir(join(sshd.home, '.codex'))).includes('auth.json.before-login'), false);
    assert.deepEqual(await rows(), ['accepted', 'refused']);
  });

  it('MCP-7 a host that names another page is not followed; without Codex, without account or host it says why', async () => {
    const visits = site.visits.length;
    await remoteCodex('printf "1. Open\\n   https://auth.openai.com.example.com/codex/device\\n2. Enter\\n   ABCD-12345\\n"; exec sleep 600');
    const strange = await cockpit.cli('remote-login', 'box', 'work', '--headless');
    assert.equal(strange.exitCode, 1);
    assert.match(strange.stderr, /box names https:\/\/auth\.openai\.com\.example\.com\/codex\/device .* no page of Codex's login\. Nothing was opened/);
    assert.equal(site.visits.length, visits);
    await rm(join(sshd.home, 'bin', 'codex'));
    assert.match((await cockpit.cli('remote-login', 'box', 'work', '--headless')).stderr, /Codex at box is not logged in: codex was not found by a login shell there/);
    assert.equal((await cockpit.cli('remote-login', 'box', 'nobody', '--headless')).exitCode, 2);
    assert.match((await cockpit.cli('remote-login', 'moon', 'work', '--headless')).stderr, /moon/);
    assert.equal(existsSync(loginFile()), true);
    await isOver();
  });
});
