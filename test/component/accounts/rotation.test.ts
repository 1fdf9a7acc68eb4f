import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startScriptedModel, type ScriptedModel, type Step } from '../../../src/demo/scriptedModel.ts';
import { accountOf, limitedModel, linkOf, logIn, promptAgent } from '../../support/accounts.ts';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { scriptedProvider } from '../../support/codex.ts';
import { fleetClient, type FleetClient } from '../../support/fleetClient.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';

const usedUp: Step = { kind: 'fail', failure: '429usage' };

describe('accounts of agents with a real Codex', function () {
  this.timeout(90_000);
  let remote: TmuxFixture;
  let model: ScriptedModel;
  let cockpit: CockpitFixture;
  let fleet: FleetClient;
  const limits = new Map<string, Step>();

  before(async () => {
    remote = await startTmux();
    await remote.run('new-session', '-d', '-s', 'cockpit-other');
    model = await startScriptedModel({ script: limitedModel((account) => limits.get(account) ?? null) });
    cockpit = await cockpitFixture();
    const provider = scriptedProvider(model.url);
    const providers = { scripted: { name: 'Scripted', base_url: model.url, wire_api: 'responses', stream_max_retries: 1, request_max_retries: 0, requires_openai_auth: true } };
    await cockpit.writeConfig({
      hosts: [{ alias: 'box', transport: 'local', tmux_socket: remote.socket, wake: false }],
      accounts: ['a', 'b', 'c', 'd'].map((key) => ({ key, email: `${key}@example.com` })),
      local_agent_model: 'fake-model',
      codex_config: { ...provider, model_providers: providers },
    });
    for (const key of ['a', 'b', 'c']) await logIn(cockpit.paths, key);
    await cockpit.must('up', '--no-attach');
    fleet = await fleetClient(cockpit);
  });

  after(async () => {
    fleet.dispose();
    await cockpit.dispose();
    await model.close();
    await remote.stop();
  });

  const idle = (name: string) => fleet.session('box', name, (session) => session.agent.state === 'idle');
  const answered = (account: string, prompt: string) => until(() => model.requests.some((request) => accountOf(request) === account && request.prompt === prompt), { what: `${prompt} at ${account}`, timeoutMs: 20_000 });

  it('ACCT-1 ACCT-7 every agent works with the first account; its windows are in the status', async () => {
    const main = await idle('cockpit-keep');
    const other = await idle('cockpit-other');
    assert.deepEqual([main.account, other.account], ['a', 'a']);
    assert.equal(await linkOf(cockpit.paths, main.key), join(cockpit.paths.accounts, 'a', 'auth.json'));
    await promptAgent(cockpit.paths, main, 'hello');
    await answered('a', 'hello');
    const { accounts } = await until(async () => {
      const status = await fleet.status();
      return status.accounts[0]?.limits.length === 2 ? status : null;
    }, { what: 'the windows of the account' });
    assert.deepEqual(accounts.map(({ key, state }) => [key, state]), [['a', 'ready'], ['b', 'ready'], ['c', 'ready'], ['d', 'logged-out']]);
    assert.deepEqual(accounts[0]?.limits.map(({ label, minutes, usedPercent }) => [label, minutes, usedPercent]), [['5h', 300, 13], ['weekly', 10_080, 42]]);
    for (const { resetsAt } of accounts[0].limits) assert.ok(Date.parse(resetsAt ?? '') > Date.now());
    assert.match(await cockpit.must('status'), /a {2}a@example\.com {2}ready {2}5h 13 % \(resets [\d-]+ [\d:]+\) {2}weekly 42 %/);
  });

  it('ACCT-2 ACCT-3 a session moves from A over B to C on its thread, and the other one stays', async () => {
    const main = await idle('cockpit-keep');
    const other = await idle('cockpit-other');
    const pidOther = appServerPid(other.key);
    const panes = panePids();
    limits.set('a', usedUp).set('b', usedUp);
    await promptAgent(cockpit.paths, main, 'work');
    const moved = await fleet.session('box', 'cockpit-keep', (session) => session.account === 'c' && session.agent.state === 'idle');
    await until(() => model.requests.some((request) => accountOf(request) === 'c'), { what: 'a request of C', timeoutMs: 20_000 });
    assert.equal(moved.agent.threadId, main.agent.threadId);
    assert.equal(moved.pendingRotation, null);
    const last = model.requests.findLast((request) => accountOf(request) === 'c');
    const history = last?.messages.map(({ text }) => text).join('\n') ?? '';
    assert.match(history, /hello[\s\S]*work[\s\S]*cockpit moved you to another account/, 'the thread goes on with its history');
    assert.deepEqual([...new Set(model.requests.filter(({ prompt }) => prompt !== 'hello').map(accountOf))], ['a', 'b', 'c']);
    const { accounts } = await fleet.status();
    assert.deepEqual(accounts.map(({ key, state }) => [key, state]), [['c', 'ready'], ['d', 'logged-out'], ['a', 'exhausted'], ['b', 'exhausted']]);
    assert.equal((await idle('cockpit-other')).account, 'a');
    assert.equal(appServerPid(other.key), pidOther, 'the other session was not restarted');
    assert.equal(panePids(), panes, 'every TUI stays, with the draft that is in it');
  });

  it('ACCT-4 with none ready it waits, over kill -9 and down and up, shows it, and goes on when an account is ready', async () => {
    await idle('cockpit-keep');
    limits.set('c', usedUp);
    await promptAgent(cockpit.paths, await idle('cockpit-keep'), 'more');
    const waits = await fleet.session('box', 'cockpit-keep', (session) => session.pendingRotation !== null);
    assert.equal(waits.pendingRotation?.from, 'c');
    assert.match(waits.pendingRotation.reason, /hit your usage limit/);
    assert.match(await cockpit.must('status'), /rotation from c: no account is ready, try \d+ at /);
    await cockpit.killSupervisor();
    await cockpit.must('up', '--no-attach');
    await again();
    const after = await fleet.session('box', 'cockpit-keep', (session) => session.pendingRotation !== null);
    assert.deepEqual([after.pendingRotation?.from, after.account], ['c', 'c']);
    assert.ok((after.pendingRotation?.attempts ?? 0) >= waits.pendingRotation.attempts);
    await cockpit.must('down');
    await cockpit.must('up', '--no-attach');
    await again();
    const later = await fleet.session('box', 'cockpit-keep', (session) => session.pendingRotation !== null);
    assert.equal(later.agent.threadId, waits.agent.threadId);
    limits.clear();
    const more = await cockpit.must('status', '--json');
    assert.ok(!more.includes('sk-test'), 'no secret in the status');
    await logIn(cockpit.paths, 'd');
    await cockpit.must('up', '--no-attach');
    const moved = await fleet.session('box', 'cockpit-keep', (session) => session.account === 'd' && session.agent.state === 'idle');
    assert.equal(moved.pendingRotation, null);
    assert.equal(moved.agent.threadId, waits.agent.threadId);
    await until(() => model.requests.some((request) => accountOf(request) === 'd'), { what: 'a request of D', timeoutMs: 20_000 });
  });

  it('ACCT-2 ACCT-7 STATE-4 a limit of a model or a workspace, a full context, an overloaded server and a rate limit move nobody', async () => {
    const before = await idle('cockpit-keep');
    const pid = appServerPid(before.key);
    const errors: string[] = [];
    for (const failure of ['429model', '429workspace', 'ctxfull', 'overload', '429rate']) {
      await promptAgent(cockpit.paths, before, failure);
      await answered('d', failure);
      const failed = await fleet.session('box', 'cockpit-keep', (session) => session.agent.state === 'error');
      errors.push(failed.agent.error ?? '');
      await promptAgent(cockpit.paths, before, `after ${failure}`);
      await answered('d', `after ${failure}`);
      const after = await idle('cockpit-keep');
      assert.deepEqual([after.account, after.pendingRotation, after.accountHold, appServerPid(after.key)], ['d', null, null, pid], failure);
    }
    assert.match(errors[0] ?? '', /usage limit for gpt-6-sol/);
    assert.match(errors[1] ?? '', /workspace/);
    const { accounts } = await fleet.status();
    assert.deepEqual(accounts.find(({ key }) => key === 'd')?.limits.map(({ label }) => label), ['5h', 'weekly'], 'the limit of a model is no window of the account');
  });

  it('ACCT-6 a refused login holds its session, without a restart, until the account is logged in again', async () => {
    const before = await idle('cockpit-keep');
    const pid = appServerPid(before.key);
    limits.set('d', { kind: 'http', status: 401 });
    await promptAgent(cockpit.paths, before, 'who am I');
    const held = await fleet.session('box', 'cockpit-keep', (session) => session.accountHold !== null);
    assert.match(held.accountHold ?? '', /^The login of account d was refused: .*Log it in again/);
    assert.equal((await fleet.status()).accounts.find(({ key }) => key === 'd')?.state, 'refused');
    assert.match(await cockpit.must('status'), /held: The login of account d was refused/);
    await cockpit.must('up', '--no-attach');
    const still = await fleet.session('box', 'cockpit-keep', (session) => session.accountHold !== null);
    assert.deepEqual([still.account, appServerPid(still.key)], ['d', pid], 'nothing was tried');
    limits.clear();
    await logIn(cockpit.paths, 'd', 'sk-test-d-again');
    await cockpit.must('up', '--no-attach');
    const free = await fleet.session('box', 'cockpit-keep', (session) => session.accountHold === null && session.agent.state === 'idle');
    assert.deepEqual([free.account, free.agent.threadId], ['d', before.agent.threadId]);
    await until(() => model.requests.some((request) => accountOf(request) === 'd-again'), { what: 'a request with the new login', timeoutMs: 20_000 });
  });

  const again = async () => {
    fleet.dispose();
    fleet = await fleetClient(cockpit);
  };
  const panePids = () => execFileSync('tmux', ['-S', cockpit.paths.agentTmux, 'list-panes', '-a', '-f', '#{==:#{@cockpit_role},agent}', '-F', '#{pane_id} #{pane_pid}'], { encoding: 'utf8' });
  const appServerPid = (key: string) => readFileSync(join(cockpit.paths.homes, key, 'app-server.pid'), 'utf8').split(' ')[0];
});
