import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { startScriptedModel, type ScriptedModel } from '../../../src/demo/scriptedModel.ts';
import { scriptedProvider, processesOf } from '../../support/codex.ts';
import { grantClient, makeInstall, type Install } from '../../support/ownership/install.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';

describe('two cockpits on one host', function () {
  this.timeout(60_000);
  let tmux: TmuxFixture;
  let model: ScriptedModel;
  let first: Install;
  let second: Install;

  before(async () => {
    tmux = await startTmux();
    model = await startScriptedModel();
    const config = { hosts: [{ alias: 'box', transport: 'local' as const, tmux_socket: tmux.socket }], local_agent_model: 'fake-model', codex_config: scriptedProvider(model.url) };
    first = await makeInstall(config);
    second = await makeInstall(config);
    await first.start();
    await keep(first, (row) => row.owner === 'agent' && row.agent.state === 'idle', 'the first one supervises');
    await second.start();
  });
  after(async () => {
    for (const install of [first, second]) {
      await install.kill();
      await install.dispose();
    }
    await model.close();
    await tmux.stop();
  });

  const keep = (install: Install, wanted: Parameters<Install['session']>[1], what: string) => install.session('cockpit-keep', wanted, what);
  const agentsOf = (install: Install) => processesOf(install.fixture.dir).filter((line) => line.includes('app-server'));
  const name = hostname().replace(/[^A-Za-z0-9._-]/g, '-');

  it('DISC-13 REL-3 the second shows who supervises, starts no agent, claims nothing, and its agents are refused', async () => {
    const row = await keep(second, ({ owner }) => owner === 'foreign', 'seen as foreign');
    assert.equal(row.supervisedBy, name);
    assert.match(await second.fixture.must('status'), new RegExp(`supervised by ${name}`));
    await (await second.client()).request('ctl', { control: 'toggle-focus' });
    await tmux.newSession('cockpit-more');
    await second.session('cockpit-more', ({ owner }) => owner !== 'unread', 'a further session has one owner');
    assert.deepEqual([row.agent.state, row.agent.threadId], ['not-started', null]);
    await until(async () => agentsOf(second).length === (await second.status()).hosts[0]?.sessions.filter(({ owner }) => owner === 'agent').length, { what: 'agents for what it supervises, and no more' });
    const mine = await keep(first, ({ owner }) => owner === 'agent', 'the first one still supervises');
    assert.equal(mine.epoch, row.epoch, 'nothing was claimed');
    await (await second.client()).request('ctl', { control: 'toggle-focus' });
    await tmux.run('kill-session', '-t', '=cockpit-more');
  });

  it('DISC-13 take-over moves it: the first one stops its agent and is refused, the second starts one', async () => {
    const agent = await grantClient(JSON.parse(await first.fixture.must('grant', 'box/cockpit-keep', '--json')) as { url: string; token: string });
    await agent.look();
    const before = await keep(first, ({ owner }) => owner === 'agent', 'the first one supervises');
    await second.fixture.must('take-over', 'box/cockpit-keep');
    const refused = await agent.send('LATE', true);
    assert.deepEqual([refused.outcome, refused.reason], ['refused', 'foreign-owner']);
    const row = await keep(second, (one) => one.owner === 'agent' && one.agent.state === 'idle', 'the second one supervises');
    assert.equal(row.epoch, (before.epoch ?? 0) + 1);
    const lost = await keep(first, ({ owner }) => owner === 'foreign', 'the first one knows');
    assert.equal(lost.supervisedBy, name);
    await until(() => agentsOf(first).length === 0, { timeoutMs: 15_000, what: 'the first one stopped its agent' });
    assert.equal(agentsOf(second).length, 1);
    await agent.close();
    assert.equal((await tmux.run('capture-pane', '-p', '-t', 'cockpit-keep:')).includes('LATE'), false);
  });
});
