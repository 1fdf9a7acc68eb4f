import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent } from '../../../src/supervisor/adapters/codex/agent.ts';
import type { AgentStatus } from '../../../src/supervisor/domain/agent.ts';
import { codexFixture, type CodexFixture } from '../../support/codex.ts';
import { startTestMcp } from '../../support/codexMcp.ts';
import { until } from '../../support/until.ts';

const never = new AbortController().signal;

describe('an agent at work', () => {
  let fixture: CodexFixture;
  let agent: Agent;
  before(async () => {
    fixture = await codexFixture();
    agent = fixture.agent(fixture.spec('work'));
    await agent.start(never);
  });
  after(async () => {
    await fixture.dispose();
  });

  /** Nudges and waits until the model was asked for the last time and the turn is over; what the tools answered comes back. */
  const ask = async (prompt: string): Promise<string> => {
    const states: string[] = [];
    const listening = agent.onDidChange((status) => states.push(status.state));
    await agent.nudge(prompt);
    await until(() => states.includes('working') && agent.status.state === 'idle', { what: prompt });
    listening.dispose();
    return fixture.model.requests.at(-1)?.outputs.at(-1) ?? '';
  };

  it('AGENT-4 the states of a turn are exactly idle, working, idle, with its tokens', async () => {
    const seen: AgentStatus[] = [];
    const listening = agent.onDidChange((status) => seen.push(status));
    assert.equal(agent.status.state, 'idle');
    await agent.nudge('slow 1');
    await until(() => seen.length > 1 && agent.status.state === 'idle');
    listening.dispose();
    assert.deepEqual(seen.map((status) => status.state).filter((state, index, all) => state !== all[index - 1]), ['working', 'idle']);
    assert.equal(agent.status.tokens, 1234);
  });

  it('PAIR-3 a destructive tool of the session runs without an approval', async () => {
    assert.match(await ask('call send_text {"text":"make test"}'), /sent:make test/);
    assert.deepEqual(fixture.mcp.sent, ['make test']);
  });

  it('PAIR-3 several tool calls of one turn', async () => {
    await ask('sequence ["call session_status", "call send_text {\\"text\\":\\"two\\"}", "done"]');
    assert.equal(fixture.model.requests.at(-1)?.outputs.length, 2);
    assert.equal(fixture.mcp.sent.at(-1), 'two');
  });

  it("PAIR-3 the session's token is not in the shell of the model", async () => {
    const environment = await ask('shell env; cat /proc/$PPID/environ | tr "\\0" "\\n"');
    assert.match(environment, /^CODEX_HOME=/m);
    assert.ok(!environment.includes(fixture.mcp.token), environment);
    assert.doesNotMatch(environment, /COCKPIT/);
  });

  it('AGENT-3 by default it can write its workdir only, and has a temporary folder there', async () => {
    const { workdir, home } = fixture.spec('work');
    const outside = [join(fixture.dir, 'outside'), join(home, 'outside'), `/tmp/${fixture.dir.slice(5)}-outside`];
    const answer = await ask(`shell for f in inside ${outside.join(' ')}; do touch "$f" && echo "made $f"; done; mktemp`);
    assert.ok(existsSync(join(workdir, 'inside')), answer);
    for (const path of outside) assert.ok(!existsSync(path), answer);
    assert.match(answer, new RegExp(`^${workdir}/\\.tmp/`, 'm'));
  });

  it('AGENT-3 a read-only agent writes nothing, and still uses its tools', async () => {
    const spec = fixture.spec('reader', { sandbox: 'read-only' });
    const reader = fixture.agent(spec);
    await reader.start(never);
    await reader.nudge('sequence ["shell touch made", "call send_text {\\"text\\":\\"reader\\"}", "done"]');
    await until(() => fixture.mcp.sent.includes('reader') && reader.status.state === 'idle');
    assert.ok(!existsSync(join(spec.workdir, 'made')));
    await reader.stop();
  });

  it('WAKE-3 a nudge during a turn becomes a turn of its own', async () => {
    await agent.nudge('think 1');
    await until(() => agent.status.state === 'working');
    await agent.nudge('after that');
    await until(() => fixture.model.requests.at(-1)?.prompt === 'after that' && agent.status.state === 'idle');
    assert.equal(fixture.model.requests.at(-2)?.prompt, 'think 1');
  });

  it('AGENT-4 interrupt ends the running turn, also one that an earlier supervisor saw begin', async () => {
    await agent.nudge('think 30');
    await until(() => agent.status.state === 'working');
    const second = fixture.agent({ ...fixture.spec('work'), threadId: agent.status.threadId });
    await second.start(never);
    assert.equal(second.status.state, 'working');
    await second.interrupt();
    await until(() => agent.status.state === 'idle' && second.status.state === 'idle');
    await second.interrupt();
    second.dispose();
  });

  it('WAKE-3 a nudge after an interrupted turn runs, though Codex holds its queue back then', async () => {
    await agent.nudge('think 30');
    await until(() => agent.status.state === 'working');
    await agent.interrupt();
    await until(() => agent.status.state === 'idle');
    await agent.nudge('after the interrupt');
    await until(() => fixture.model.requests.at(-1)?.prompt === 'after the interrupt' && agent.status.state === 'idle');
  });

  it('AGENT-4 an exhausted account is an error with its words, and its code as an event', async () => {
    const codes: (string | null)[] = [];
    const listening = agent.onDidReceive((event) => {
      if (event.method === 'error') codes.push(event.params.error.codexErrorInfo);
    });
    await agent.nudge('429usage');
    await until(() => agent.status.state === 'error' && agent.status.error !== null);
    assert.match(agent.status.error ?? '', /hit your usage limit/);
    assert.deepEqual(codes, ['usageLimitExceeded']);
    listening.dispose();
    await ask('go on');
    assert.equal(agent.status.error, null);
  });

  it('PAIR-3 without its tools an agent does not start: it says so, and starts once they are there', async () => {
    const { port, token } = fixture.mcp;
    await fixture.mcp.close();
    const late = fixture.agent(fixture.spec('late'));
    await assert.rejects(late.start(never), /required MCP servers failed to initialize: cockpit/);
    assert.equal(late.status.state, 'error');
    const again = await startTestMcp(token, port);
    try {
      await until(() => late.status.state === 'idle');
      assert.equal(late.status.error, null);
      await late.stop();
    } finally {
      await again.close();
    }
  });
});
