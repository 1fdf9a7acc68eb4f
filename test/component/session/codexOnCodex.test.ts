import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { startScriptedModel, type ScriptedModel } from '../../../src/demo/scriptedModel.ts';
import { resolveCodex } from '../../../src/supervisor/adapters/codex/codexBinary.ts';
import type { SessionToolName } from '../../../src/supervisor/protocol/sessionTools.ts';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { processesOf, scriptedProvider } from '../../support/codex.ts';
import { startTestMcp, type TestMcp } from '../../support/codexMcp.ts';
import { remoteCodex, type RemoteCodex } from '../../support/remoteCodex.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';
import { unfenced } from '../../support/unfenced.ts';
import { until } from '../../support/until.ts';

/** A call of the agent's and what its model was shown as the answer. */
type Answer = Call & { output: Record<string, unknown> };
type Call = { tool: SessionToolName; args: Record<string, unknown> };

const auditRow = z.object({ tool: z.string(), actor: z.string(), outcome: z.string().nullable(), detail: z.string() });

describe('a real Codex supervises a real Codex with its tools', function () {
  this.timeout(120_000);
  let tmux: TmuxFixture;
  let remoteModel: ScriptedModel;
  let agentModel: ScriptedModel;
  let mcp: TestMcp;
  let cockpit: CockpitFixture;
  let remote: RemoteCodex;
  let next: (done: Answer[]) => Call | null = () => null;
  let calls: Call[] = [];

  before(async () => {
    tmux = await startTmux();
    remoteModel = await startScriptedModel();
    agentModel = await startScriptedModel({
      script: ({ outputs }) => {
        const call = next(answersOf(calls, outputs));
        if (call) calls = [...calls.slice(0, outputs.length), call];
        return call ? { kind: 'call', namespace: 'mcp__cockpit', ...call } : { kind: 'say', text: 'TURN-IS-OVER' };
      },
    });
    mcp = await startTestMcp('remote-token');
    const { path } = await resolveCodex('codex', { ...process.env, PATH: '' });
    remote = await remoteCodex(tmux.dir, path, scriptedProvider(remoteModel.url), { mcp_servers: { cockpit: { url: mcp.url, http_headers: { Authorization: `Bearer ${mcp.token}` } } } });
    await tmux.run('new-session', '-d', '-s', 'cockpit-work', '-x', '110', '-y', '32', remote.command);
    await tmux.run('kill-session', '-t', 'cockpit-keep');
    cockpit = await cockpitFixture();
    await cockpit.writeConfig({
      hosts: [{ alias: 'box', transport: 'local', tmux_socket: tmux.socket, wake: false }],
      local_agent_model: 'fake-model',
      codex_config: scriptedProvider(agentModel.url),
    });
    await cockpit.must('up', '--no-attach');
    await until(async () => /› Ask Codex to do anything/.test(await screen()), { what: 'the composer of the remote Codex', timeoutMs: 20_000 });
  });
  after(async () => {
    await cockpit.dispose();
    await agentModel.close();
    await remoteModel.close();
    await mcp.close();
    const { dir } = tmux;
    await tmux.stop();
    await until(() => processesOf(dir).length === 0, { what: 'the remote Codex ends' });
  });

  const screen = () => tmux.run('capture-pane', '-p', '-t', 'cockpit-work');
  const audit = async () => (await cockpit.must('audit', '--json')).trim().split('\n').filter(Boolean).map((line) => auditRow.parse(JSON.parse(line)));
  const agents = (...args: string[]) => execFileSync('tmux', ['-S', cockpit.paths.agentTmux, ...args], { encoding: 'utf8' });
  /** Prompts the agent in its own TUI, and waits until its turn is over; its calls and what its model saw of them come back. */
  const supervise = async (decide: typeof next): Promise<Answer[]> => {
    next = decide;
    calls = [];
    await cockpit.session((row) => row.agent.state === 'idle', 'an idle agent');
    const before = agentModel.requests.length;
    const pane = await until(() => agents('list-panes', '-a', '-F', '#{pane_id} #{pane_current_command}').split('\n').find((line) => line.endsWith(' codex'))?.split(' ')[0], { what: 'the pane of the agent' });
    await until(() => agents('capture-pane', '-p', '-t', pane).includes('›'), { what: 'the composer of the agent' });
    agents('send-keys', '-t', pane, '-l', '--', 'supervise');
    await until(() => agents('capture-pane', '-p', '-t', pane).includes('› supervise'), { what: 'the prompt in the composer of the agent' });
    await until(() => {
      agents('send-keys', '-t', pane, 'Enter');
      return agentModel.requests.length > before;
    }, { what: 'the turn begins' });
    try {
      await cockpit.session((row) => row.agent.state === 'idle' && calls.length > 0 && agentModel.requests.at(-1)?.outputs.length === calls.length, 'the turn is over');
    } catch (error) {
      throw new Error(`${JSON.stringify(answersOf(calls, agentModel.requests.at(-1)?.outputs ?? []), null, 1)}\n${await screen()}`, { cause: error });
    }
    return answersOf(calls, agentModel.requests.at(-1)?.outputs ?? []);
  };

  for (const { kind, prompt, option, sees, isDone } of [
    { kind: 'exec', prompt: (made: string) => `esc touch ${made}`, option: '1', sees: (made: string) => `touch ${made}`, isDone: (made: string) => existsSync(made) },
    { kind: 'mcp', prompt: () => 'call send_text {"text":"approved by the agent"}', option: '2', sees: () => 'run tool "send_text"', isDone: () => mcp.sent.includes('approved by the agent') },
  ]) {
    it(`MCP-2 MCP-4 it looks, prompts, waits, reads the ${kind} approval, answers it, waits, and looks again`, async () => {
      const made = join(tmux.dir, 'made-by-the-remote');
      const rows = (await audit()).length;
      const answers = await supervise(supervisor(prompt(made), option));
      const all = JSON.stringify(answers, null, 1);
      const [first, sent] = answers;
      const last = answers.at(-1)?.output;
      assert.equal(first?.output['mode'], 'idle', all);
      assert.deepEqual([sent?.output['outcome'], sent?.output['screenReacted']], ['accepted', true], all);
      const asked = answers.find(({ output }) => output['mode'] === 'needs-input')?.output;
      assert.ok(String(asked?.['approvalCommand']).includes(sees(made)), all);
      assert.ok(Array.isArray(asked?.['approvalOptions']) && asked['approvalOptions'].length >= 3, all);
      const answered = answers.find(({ tool }) => tool === 'approve_prompt')?.output;
      assert.deepEqual([answered?.['outcome'], answered?.['explanation']], ['accepted', 'Accepted; the approval is gone from the screen.'], all);
      assert.ok(answers.some(({ tool, output }) => tool === 'wait_for_change' && output['changed'] === true), all);
      assert.deepEqual([last?.['mode'], unfenced(last?.['promptText'])], ['idle', ''], all);
      await until(() => isDone(made), { what: 'what was approved is done' });
      assert.deepEqual((await audit()).slice(rows).map(({ tool, actor, outcome }) => [tool, actor, outcome]), [['send_text', 'agent', 'accepted'], ['approve_prompt', 'agent', 'accepted']]);
    });
  }
});

/** What a supervising model does: look, prompt, and then look at every change until the approval is answered and the remote is idle again. */
function supervisor(prompt: string, option: string): (done: Answer[]) => Call | null {
  return (done) => {
    const last = done.at(-1);
    if (!last) return { tool: 'session_status', args: {} };
    if (done.length === 1) return { tool: 'send_text', args: { text: prompt } };
    const isAnswered = done.some(({ tool }) => tool === 'approve_prompt');
    if (last.tool === 'session_status' && !isAnswered && last.output['mode'] === 'needs-input') return { tool: 'approve_prompt', args: { option, fingerprint: last.output['fingerprint'] } };
    if (last.tool === 'session_status' && isAnswered && last.output['mode'] === 'idle') return null;
    return last.tool === 'wait_for_change' ? { tool: 'session_status', args: {} } : { tool: 'wait_for_change', args: { timeoutMs: 5_000 } };
  };
}

function answersOf(calls: Call[], outputs: string[]): Answer[] {
  return outputs.flatMap((output, at) => {
    const call = calls[at];
    return call ? [{ ...call, output: structured(output) }] : [];
  });
}

/** Codex shows its model the structured content of an answer. */
function structured(output: string): Record<string, unknown> {
  const start = output.indexOf('{');
  if (start < 0) return { words: output };
  return z.record(z.string(), z.unknown()).parse(JSON.parse(output.slice(start)));
}

/** Remote text without its marks. */
