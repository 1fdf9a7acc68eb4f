import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { reduceStatus, stateOf } from '../../../src/supervisor/adapters/codex/agentStatus.ts';
import { enteredThread, parseEvent, threadIdOf, type AppServerEvent } from '../../../src/supervisor/adapters/codex/appServerEvents.ts';
import type { AgentStatus } from '../../../src/supervisor/domain/agent.ts';

const thread = '01a1fc6a-6b9e-7a90-90d4-b22f35b6d219';
const line = z.object({ n: z.object({ method: z.string(), params: z.unknown().optional() }).optional() });
const status: AgentStatus = { state: 'idle', threadId: thread, model: 'fake-model', tokens: 0, error: null };

function recordedEvents(): AppServerEvent[] {
  const text = readFileSync(new URL('./appServerEvents.jsonl', import.meta.url), 'utf8');
  return text.trim().split('\n').flatMap((raw) => {
    const { n } = line.parse(JSON.parse(raw));
    const event = n === undefined ? null : parseEvent(n.method, n.params);
    return event === null ? [] : [event];
  });
}

describe('status of an agent', () => {
  it('AGENT-4 follows recorded events of Codex: approval, work, idle, usage limit, work again', () => {
    const states: string[] = [];
    let now = status;
    for (const event of recordedEvents().filter((one) => threadIdOf(one) === thread)) {
      now = reduceStatus(now, event);
      if (states.at(-1) !== now.state) states.push(now.state);
    }
    assert.deepEqual(states, ['working', 'needs-input', 'working', 'idle', 'working', 'error', 'working', 'idle']);
    assert.equal(now.tokens, 7404);
    assert.equal(now.error, null);
  });

  it('AGENT-4 a failed turn keeps its error until the next one begins', () => {
    const failed = parseEvent('turn/completed', { threadId: thread, turn: { id: 't', status: 'failed', error: { message: 'no more', codexErrorInfo: 'usageLimitExceeded' } } });
    const started = parseEvent('turn/started', { threadId: thread, turn: { id: 'u' } });
    assert.ok(failed && started);
    const after = reduceStatus(status, failed);
    assert.deepEqual([after.state, after.error], ['error', 'no more']);
    assert.deepEqual(reduceStatus(after, started), { ...status, state: 'working' });
  });

  it('AGENT-4 an event that says nothing new gives the same object', () => {
    const idle = parseEvent('thread/status/changed', { threadId: thread, status: { type: 'idle' } });
    assert.ok(idle);
    assert.equal(reduceStatus(status, idle), status);
  });

  it('AGENT-4 every waiting flag is needs-input', () => {
    assert.equal(stateOf({ type: 'active', activeFlags: ['waitingOnUserInput'] }), 'needs-input');
    assert.equal(stateOf({ type: 'active', activeFlags: ['somethingNew'] }), 'working');
  });

  it('AGENT-4 names the error in one word, whatever shape Codex gives it', () => {
    const errorInfo = (codexErrorInfo: unknown) => {
      const event = parseEvent('error', { threadId: thread, turnId: 't', willRetry: true, error: { message: 'm', codexErrorInfo } });
      assert.ok(event?.method === 'error');
      return event.params.error.codexErrorInfo;
    };
    assert.equal(errorInfo('usageLimitExceeded'), 'usageLimitExceeded');
    assert.equal(errorInfo({ responseStreamDisconnected: { httpStatusCode: null } }), 'responseStreamDisconnected');
    assert.equal(errorInfo(null), null);
  });

  it('PAIR-2 a thread that was made or that begins to work is one that the person may be in', () => {
    const entered = recordedEvents().flatMap((event) => enteredThread(event) ?? []);
    assert.ok(entered.includes(thread));
    assert.equal(enteredThread({ method: 'thread/status/changed', params: { threadId: 'x', status: { type: 'idle' } } }), null);
  });

  it('AGENT-4 leaves events that cockpit does not use', () => {
    assert.equal(parseEvent('item/agentMessage/delta', { delta: 'x' }), null);
    assert.equal(parseEvent('toString', {}), null);
  });
});
