import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CockpitError, codeOf, HumanError } from '../../../src/supervisor/base/errors.ts';
import { decodeMessage, encodeMessage, fromRpcError, LineDecoder, maxMessageBytes, rpcCodes, toRpcError, type RpcMessage } from '../../../src/supervisor/protocol/jsonRpc.ts';

const messages: RpcMessage[] = [
  { kind: 'request', id: 1, method: 'status', params: { a: 'ä\n\u2028"' } },
  { kind: 'notification', method: 'fleet/changed', params: [1, null] },
  { kind: 'success', id: 'x', result: null },
  { kind: 'failure', id: null, error: { code: -32700, message: 'no' } },
];

describe('JSON-RPC messages', () => {
  it('REL-3 every kind survives the wire, however the bytes are cut', () => {
    const wire = Buffer.concat(messages.map(encodeMessage));
    fc.assert(
      fc.property(fc.array(fc.nat(wire.length), { maxLength: 20 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), wire.length];
        const decoder = new LineDecoder();
        const lines = places.slice(1).flatMap((end, index) => decoder.push(wire.subarray(places[index] ?? 0, end)));
        assert.deepEqual(lines.map(decodeMessage), messages);
      }),
      { numRuns: 200 },
    );
  });

  it('REL-3 a request without parameters and a result of undefined are whole messages', () => {
    assert.deepEqual(decodeMessage('{"jsonrpc":"2.0","id":1,"method":"down"}'), { kind: 'request', id: 1, method: 'down', params: undefined });
    assert.deepEqual(decodeMessage(encodeMessage({ kind: 'success', id: 1, result: undefined }).toString()), { kind: 'success', id: 1, result: null });
  });

  const malformed: [line: string, code: string][] = [
    ['{', 'parse-error'],
    ['nonsense', 'parse-error'],
    ['null', 'invalid-request'],
    ['[]', 'invalid-request'],
    ['"method"', 'invalid-request'],
    ['{}', 'invalid-request'],
    ['{"id":1,"method":"status"}', 'invalid-request'],
    ['{"jsonrpc":"1.0","id":1,"method":"status"}', 'invalid-request'],
    ['{"jsonrpc":"2.0","id":{},"method":"status"}', 'invalid-request'],
    ['{"jsonrpc":"2.0","id":1.5,"method":"status"}', 'invalid-request'],
    ['{"jsonrpc":"2.0","id":1,"method":7}', 'invalid-request'],
    ['{"jsonrpc":"2.0","id":1,"error":"no"}', 'invalid-request'],
    ['{"jsonrpc":"2.0","result":1}', 'invalid-request'],
    ['[{"jsonrpc":"2.0","id":1,"method":"status"}]', 'invalid-request'],
  ];
  for (const [line, code] of malformed) {
    it(`REL-3 refuses ${line}`, () => {
      assert.throws(() => decodeMessage(line), (error) => codeOf(error) === code);
    });
  }

  it('REL-3 a message over the limit is refused by the sender and by the reader', () => {
    assert.throws(() => encodeMessage({ kind: 'success', id: 1, result: 'x'.repeat(maxMessageBytes) }), (error) => codeOf(error) === 'message-too-large');
    const decoder = new LineDecoder();
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    assert.throws(() => {
      for (let n = 0; n <= 16; n++) decoder.push(chunk);
    }, (error) => codeOf(error) === 'message-too-large');
  });

  it('CTL-4 errors keep their code, and the exit code of those for a person', () => {
    const back = (error: unknown) => fromRpcError(toRpcError(error));
    const human = back(new HumanError('bad-session', 'no such session', { exitCode: 2 }));
    assert.ok(human instanceof HumanError);
    assert.deepEqual([human.code, human.message, human.exitCode], ['bad-session', 'no such session', 2]);
    const plain = back(new CockpitError('session-gone', 'gone'));
    assert.ok(!(plain instanceof HumanError));
    assert.equal(plain.code, 'session-gone');
    assert.equal(toRpcError(new TypeError('bug')).code, rpcCodes.internal);
    assert.equal(toRpcError(new CockpitError('method-not-found', '')).code, rpcCodes.methodNotFound);
  });
});
