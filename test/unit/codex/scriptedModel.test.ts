import assert from 'node:assert/strict';
import { isTitleRequest, parseModelRequest } from '../../../src/demo/model/modelRequest.ts';
import { stepFor, stepOfPrompt } from '../../../src/demo/model/steps.ts';

const request = (text: string, outputs: string[] = []) => {
  const input = [
    { type: 'message', role: 'user', content: [{ type: 'input_text', text }] },
    ...outputs.map((output) => ({ type: 'function_call_output', call_id: 'c', output })),
  ];
  return parseModelRequest({}, Buffer.from(JSON.stringify({ model: 'm', input })));
};

describe('scripted model', () => {
  it('DEMO-2 reads a prompt word by word', () => {
    assert.deepEqual(stepOfPrompt('call send_text {"text":"a b"}'), { kind: 'call', tool: 'send_text', args: { text: 'a b' }, namespace: 'mcp__cockpit' });
    assert.deepEqual(stepOfPrompt('call x ns=other {"a":1}'), { kind: 'call', tool: 'x', args: { a: 1 }, namespace: 'other' });
    assert.deepEqual(stepOfPrompt('shell ls -l'), { kind: 'call', tool: 'exec_command', args: { cmd: 'ls -l' } });
    assert.deepEqual(stepOfPrompt('http503'), { kind: 'http', status: 503 });
    assert.deepEqual(stepOfPrompt('overload'), { kind: 'fail', failure: 'overload' });
    assert.equal(stepOfPrompt('please look at the overload').kind, 'say');
  });

  it('DEMO-2 plays one entry of a sequence per request of the turn', () => {
    const text = 'look\nsequence ["call session_status", "think 1"]';
    assert.deepEqual(stepFor(request(text)), { kind: 'call', tool: 'session_status', args: {}, namespace: 'mcp__cockpit' });
    assert.deepEqual(stepFor(request(text, ['one'])), { kind: 'think', seconds: 1, text: 'thought about it' });
    assert.deepEqual(stepFor(request(text, ['one', 'two'])), { kind: 'say', text: 'Tool said: two' });
  });

  it('DEMO-2 knows a hidden question for a title', () => {
    assert.ok(isTitleRequest(request('Generate a concise, single-line task title for this')));
    assert.ok(!isTitleRequest(request('hello')));
  });
});
