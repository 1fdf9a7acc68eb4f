import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { startScriptedModel, type ScriptedModel } from '../../../src/demo/scriptedModel.ts';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { scriptedProvider } from '../../support/codex.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { until } from '../../support/until.ts';

const auditRow = z.object({ tool: z.string(), outcome: z.string().nullable(), reason: z.string().nullable() });

describe('first light: one ssh host, one session, one agent', function () {
  this.timeout(60_000);
  let sshd: SshdFixture;
  let socket: string;
  let model: ScriptedModel;
  let cockpit: CockpitFixture;

  before(async () => {
    sshd = await startSshd();
    socket = join(sshd.dir, 't.sock');
    model = await startScriptedModel();
    cockpit = await cockpitFixture({ COCKPIT_SSH_CONFIG: sshd.configFile });
    await cockpit.writeConfig({
      hosts: [{ alias: 'box', tmux_socket: socket }],
      local_agent_model: 'fake-model',
      codex_config: scriptedProvider(model.url),
    });
    await cockpit.must('up', '--no-attach');
  });

  after(async () => {
    await cockpit.dispose();
    await model.close();
    remote('kill-server');
    await sshd.stop();
  });

  const remote = (...args: string[]) => execFileSync('tmux', ['-S', socket, ...args], { encoding: 'utf8' });
  /** Types a prompt into the agent's TUI, as a person would. */
  const prompt = async (text: string) => {
    const agents = (...args: string[]) => execFileSync('tmux', ['-S', cockpit.paths.agentTmux, ...args], { encoding: 'utf8' });
    const pane = await until(() => agents('list-panes', '-a', '-F', '#{pane_id} #{pane_current_command} #{pane_title}').split('\n').find((line) => line.includes(' codex '))?.split(' ')[0], { what: 'the pane of the agent' });
    await until(() => agents('capture-pane', '-p', '-t', pane).includes('›'), { what: 'the composer' });
    agents('set-buffer', '-b', 'p', '--', text);
    agents('paste-buffer', '-p', '-r', '-d', '-b', 'p', '-t', pane);
    await until(() => agents('capture-pane', '-p', '-J', '-t', pane).replace(/\s+/g, '').includes(text.replace(/\s+/g, '').slice(0, 20)), { what: 'the prompt in the composer' });
    agents('send-keys', '-t', pane, 'Enter');
  };
  const audit = async () => (await cockpit.must('audit', '--json')).trim().split('\n').filter(Boolean).map((line) => auditRow.parse(JSON.parse(line))).filter((row) => row.tool === 'send_text');
  const write = (text: string) => prompt(`sequence ["call session_status", "call send_text {\\"text\\":\\"${text}\\"}"]`);

  it('DISC-4 makes cockpit-main on the empty host, PAIR-2 pairs it with an idle Codex, OWN-1 the agent owns it', async () => {
    const session = await cockpit.session((row) => row.agent.state === 'idle', 'an idle agent');
    assert.equal(session.name, 'cockpit-main');
    assert.equal(session.owner, 'agent');
    assert.ok(session.agent.threadId);
    assert.equal(sshd.logins(), 1, 'DISC-1 one login');
  });

  it('DISC-2 a session that is made by hand appears, and one that is killed goes', async () => {
    remote('new-session', '-d', '-s', 'cockpit-second');
    await until(async () => (await cockpit.status()).hosts[0]?.sessions.length === 2, { what: 'two sessions' });
    remote('kill-session', '-t', 'cockpit-second');
    await until(async () => (await cockpit.status()).hosts[0]?.sessions.length === 1, { what: 'one session' });
  });

  it('OWN-5 OWN-7 an MCP call of the real Codex types into the remote pane through the guard, with one audit row', async () => {
    await write('echo FIRST-$((20+22))');
    await until(() => remote('capture-pane', '-p', '-t', 'cockpit-main').includes('FIRST-42'), { what: 'the text in the remote pane', timeoutMs: 20_000 });
    await until(async () => (await audit()).length === 1, { what: 'one audit row' });
    const [row] = await audit();
    assert.deepEqual([row?.tool, row?.outcome], ['send_text', 'accepted']);
    await cockpit.session((session) => session.agent.state === 'idle', 'an idle agent');
  });

  it('OWN-2 a claim of the human refuses the next write of the agent, with the reason', async () => {
    await cockpit.must('ctl', 'toggle-focus');
    await cockpit.session((session) => session.owner === 'human', 'the human owns');
    await write('echo MUST-NOT-COME');
    await until(async () => (await audit()).length === 2, { what: 'the second audit row', timeoutMs: 20_000 });
    const row = (await audit())[1];
    assert.deepEqual([row?.outcome, row?.reason], ['refused', 'human-owns']);
    assert.ok(!remote('capture-pane', '-p', '-t', 'cockpit-main').includes('MUST-NOT-COME'));
    await until(() => model.requests.at(-1)?.outputs.at(-1)?.includes('the operator owns'), { what: 'the reason at the model' });
    await cockpit.must('ctl', 'toggle-focus');
    await cockpit.session((session) => session.owner === 'agent', 'the agent owns again');
  });

  it('REL-1 PAIR-2 after kill -9 of the supervisor in the middle of a turn the same Codex thread goes on', async () => {
    const before = await cockpit.session((session) => session.agent.state === 'idle', 'an idle agent');
    await prompt('slow 20');
    await cockpit.session((session) => session.agent.state === 'working', 'a working agent');
    await cockpit.killSupervisor();
    await cockpit.must('up', '--no-attach');
    const after = await cockpit.session((session) => session.agent.threadId !== null && session.epoch !== null, 'the agent is back');
    assert.equal(after.agent.threadId, before.agent.threadId);
    assert.equal(after.epoch, before.epoch);
    assert.equal(sshd.logins(), 1, 'DISC-1 the connection was kept');
    assert.equal((await audit()).length, 2, 'no acknowledged row is lost');
    const verified = await cockpit.must('audit', 'verify');
    assert.match(verified, /chain unbroken/);
  });

  it('CTL-2 status --json shows all of it', async () => {
    const { hosts, selected, supervisor } = await cockpit.status();
    assert.equal(supervisor.owner, 'cli');
    assert.deepEqual(selected, { host: 'box', session: hosts[0]?.sessions[0]?.id, focus: 'agent' });
    assert.equal(hosts[0]?.facts?.cpus !== undefined && hosts[0].facts.cpus > 0, true);
    assert.equal(hosts[0]?.sessions[0]?.agent.workdir, join(cockpit.paths.agents, 'box', '$0'));
  });
});
