import assert from 'node:assert/strict';
import { startScriptedModel, type ScriptedModel } from '../../../src/demo/scriptedModel.ts';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { scriptedProvider } from '../../support/codex.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';

describe('wake with a real Codex', function () {
  this.timeout(60_000);
  let remote: TmuxFixture;
  let model: ScriptedModel;
  let cockpit: CockpitFixture;
  /** A nudge makes the agent wait for a change of the remote, so that the next nudge finds a call under way. */
  let script: 'look' | 'wait' = 'look';
  const nudged = () => model.requests.filter((request) => request.prompt.startsWith('Review the paired remote session')).length;

  const host = () => ({ alias: 'box', transport: 'local' as const, tmux_socket: remote.socket, wake: false });
  const config = () => ({ hosts: [host()], local_agent_model: 'fake-model', codex_config: scriptedProvider(model.url), wake: { idle_seconds: 1, max_per_hour: 12, give_up_after: 2 } });

  before(async () => {
    remote = await startTmux();
    model = await startScriptedModel({
      script: (request) => (request.outputs.length === 0 ? { kind: 'call', tool: script === 'look' ? 'session_status' : 'wait_for_change', args: {}, namespace: 'mcp__cockpit' } : { kind: 'say', text: 'done' }),
    });
    cockpit = await cockpitFixture();
    await cockpit.writeConfig(config());
    await cockpit.must('up', '--no-attach');
    await cockpit.session((session) => session.agent.state === 'idle', 'an idle agent');
  });

  after(async () => {
    await cockpit.dispose();
    await model.close();
    await remote.stop();
  });

  it('WAKE-2 off for the host: no nudge; F5 turns it on and it is nudged (WAKE-1), through Codex itself (WAKE-3)', async () => {
    const before = await cockpit.session((session) => session.agent.state === 'idle', 'an idle agent');
    assert.equal(before.nudges.sent, 0);
    await cockpit.must('ctl', 'toggle-wake');
    await until(() => nudged() >= 1, { what: 'the nudge at the model', timeoutMs: 15_000 });
    await cockpit.session((session) => session.nudges.sent >= 1, 'the nudge in the status');
  });

  it('WAKE-4 useless nudges end after give_up_after with the reason, over a kill -9 too; a change of the remote starts them again', async () => {
    const off = await cockpit.session((session) => session.nudges.off !== null, 'no more nudges');
    assert.match(off.nudges.off ?? '', /2 nudges in a row led to nothing/);
    await cockpit.killSupervisor();
    await cockpit.must('up', '--no-attach');
    const after = await cockpit.session((session) => session.nudges.off !== null && session.agent.state === 'idle', 'still no more nudges');
    assert.equal(after.nudges.sent, off.nudges.sent);
    script = 'wait';
    await remote.run('send-keys', '-t', 'cockpit-keep', '-l', '› esc to interrupt');
    await remote.run('select-pane', '-t', 'cockpit-keep', '-T', '[ ! ] Action Required | box');
    await until(() => nudged() > off.nudges.sent, { what: 'a nudge after the change', timeoutMs: 15_000 });
  });

  it('WAKE-4 never while the human owns the session', async () => {
    await cockpit.must('ctl', 'toggle-focus');
    const owned = await cockpit.session((session) => session.owner === 'human', 'the human owns');
    await remote.run('select-pane', '-t', 'cockpit-keep', '-T', 'something else');
    await cockpit.session((session) => session.title === 'something else', 'the change was seen');
    await cockpit.session((session) => (session.claimAgeMs ?? 0) > 3000, 'some seconds of ownership');
    const later = await cockpit.session((session) => session.owner === 'human', 'the human owns');
    assert.equal(later.nudges.sent, owned.nudges.sent);
  });

  it('WAKE-4 on a host that asks: no nudge while a decision waits for the person, one for what the agent may approve', async () => {
    script = 'look';
    await cockpit.must('ctl', 'toggle-focus');
    await cockpit.session((session) => session.owner === 'agent', 'the agent owns again');
    await cockpit.writeConfig({ ...config(), hosts: [{ ...host(), wake: true, approvals: 'ask' }] });
    await remote.run('select-pane', '-t', 'cockpit-keep', '-T', 'plain');
    const ask = (command: string) => remote.run('respawn-pane', '-k', '-t', 'cockpit-keep', `printf '%b' '\\n  Would you like to run the following command?\\n\\n  $ ${command}\\n\\n\\0342\\0200\\0272 1. Yes, proceed (y)\\n  2. No, and tell Codex what to do differently (esc)\\n\\n  Press enter to confirm or esc to cancel'; stty -echo; exec cat`);
    await ask('rm -rf build');
    await cockpit.must('up', '--no-attach');
    const held = await cockpit.session((session) => session.state === 'needs-input' && session.agent.state === 'idle', 'a decision for the person');
    const since = performance.now();
    await until(() => performance.now() - since > 4_000, { what: 'four times the idle time' });
    assert.equal((await cockpit.session(() => true, 'the session')).nudges.sent, held.nudges.sent);
    const before = nudged();
    await ask('git status');
    await until(() => nudged() > before, { what: 'the nudge for what the agent may approve', timeoutMs: 20_000 });
  });
});
