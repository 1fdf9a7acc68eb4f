import assert from 'node:assert/strict';
import { duplexPair, type Duplex } from 'node:stream';
import { z } from 'zod';
import { CockpitError, codeOf, HumanError } from '../../../src/supervisor/base/errors.ts';
import { createLogger, nullLogger } from '../../../src/supervisor/base/logger.ts';
import { dispatch, type Handlers, type MethodTable } from '../../../src/supervisor/protocol/methodTable.ts';
import { Peer } from '../../../src/supervisor/protocol/peer.ts';
import { until } from '../../support/until.ts';

const methods = {
  add: { params: z.object({ a: z.number(), b: z.number() }), result: z.number() },
  wait: { params: z.object({}), result: z.string() },
  fail: { params: z.object({ how: z.enum(['human', 'cockpit', 'bug', 'result']) }), result: z.number() },
} as const;

describe('Peer', () => {
  let left: Duplex;
  let right: Duplex;
  let client: Peer<typeof methods>;
  let server: Peer<MethodTable>;
  let waiting: AbortSignal[] = [];
  let logged: string[] = [];
  let afterAdd: () => void;

  const handlers: Handlers<typeof methods, AbortSignal> = {
    add: ({ a, b }) => {
      queueMicrotask(afterAdd);
      return a + b;
    },
    wait: (_params, signal) =>
      new Promise((_resolve, reject) => {
        waiting.push(signal);
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
    fail: ({ how }) => {
      if (how === 'human') throw new HumanError('bad', 'do this next', { exitCode: 2 });
      if (how === 'cockpit') throw new CockpitError('gone', 'it is gone');
      if (how === 'bug') throw new TypeError('a bug');
      return 'not a number' as unknown as number;
    },
  };

  beforeEach(() => {
    waiting = [];
    logged = [];
    afterAdd = () => undefined;
    [left, right] = duplexPair();
    client = new Peer(left, { calls: methods, logger: nullLogger });
    server = new Peer<MethodTable>(right, { calls: {}, logger: createLogger((line) => logged.push(line)), serve: (method, params, signal) => dispatch(methods, handlers, method, params, signal) });
  });
  afterEach(() => {
    client.dispose();
    server.dispose();
  });

  const hasCode = (code: string) => (error: unknown) => codeOf(error) === code;

  it('CTL-4 requests are answered, many at a time', async () => {
    assert.deepEqual(await Promise.all([client.request('add', { a: 1, b: 2 }), client.request('add', { a: 3, b: 4 })]), [3, 7]);
  });

  it('CTL-4 parameters are checked before they leave and where they arrive', async () => {
    await assert.rejects(client.request('add', { a: 1 } as { a: number; b: number }), hasCode('invalid-params'));
    const answers: string[] = [];
    left.on('data', (chunk: Buffer) => answers.push(...chunk.toString().trim().split('\n')));
    left.write('{"jsonrpc":"2.0","id":77,"method":"add","params":{"a":"1"}}\n');
    left.write('{"jsonrpc":"2.0","id":78,"method":"constructor","params":{}}\n');
    await until(() => answers.length === 2);
    assert.match(answers[0] ?? '', /"id":77.*-32602.*invalid-params/);
    assert.match(answers[1] ?? '', /"id":78.*-32601.*method-not-found/);
  });

  it('CTL-4 errors arrive as what they were; a bug is logged where it happened', async () => {
    await assert.rejects(client.request('fail', { how: 'human' }), (error) => error instanceof HumanError && error.exitCode === 2 && error.message === 'do this next');
    await assert.rejects(client.request('fail', { how: 'cockpit' }), (error) => !(error instanceof HumanError) && codeOf(error) === 'gone');
    await assert.rejects(client.request('fail', { how: 'result' }), hasCode('malformed-result'));
    assert.deepEqual(logged, []);
    await assert.rejects(client.request('fail', { how: 'bug' }), hasCode('internal'));
    assert.match(logged.join(), /TypeError: a bug/);
  });

  it('MCP-2 a cancelled request rejects at once and aborts the other side', async () => {
    const aborter = new AbortController();
    const asked = client.request('wait', {}, { signal: aborter.signal });
    await until(() => waiting.length === 1);
    aborter.abort(new Error('enough'));
    await assert.rejects(asked, /enough/);
    await until(() => waiting[0]?.aborted);
    assert.equal(codeOf(waiting[0]?.reason), 'cancelled');
    assert.equal(await client.request('add', { a: 1, b: 1 }), 2);
    await assert.rejects(client.request('add', { a: 1, b: 1 }, { signal: aborter.signal }), /enough/);
  });

  it('REL-3 the end of the connection rejects what waits and aborts what runs', async () => {
    const asked = client.request('wait', {});
    const closed: string[] = [];
    server.onDidClose((error) => closed.push(error.code));
    await until(() => waiting.length === 1);
    client.dispose();
    await assert.rejects(asked, hasCode('connection-closed'));
    await until(() => waiting[0]?.aborted);
    assert.deepEqual(closed, ['connection-closed']);
    await assert.rejects(client.request('add', { a: 1, b: 1 }), hasCode('connection-closed'));
    server.notify('x', {});
  });

  it('REL-3 a malformed line is answered and does not end the connection', async () => {
    const answers: string[] = [];
    left.on('data', (chunk: Buffer) => answers.push(chunk.toString()));
    for (const line of ['garbage', '{"jsonrpc":"2.0"}', '', '{"jsonrpc":"2.0","id":5,"result":1}', '{"jsonrpc":"2.0","method":"$/cancel","params":{"id":99}}', '{"jsonrpc":"2.0","method":"$/cancel","params":7}']) left.write(`${line}\n`);
    assert.equal(await client.request('add', { a: 2, b: 2 }), 4);
    assert.match(answers.join(''), /"id":null.*-32700[^]*"id":null.*-32600/);
    assert.equal(answers.join('').split('\n').length, 4);
  });

  it('REL-3 a line without end is cut off', async () => {
    const closed: string[] = [];
    server.onDidClose((error) => closed.push(error.code));
    const chunk = Buffer.alloc(4 * 1024 * 1024, 'x');
    for (let n = 0; n < 5; n++) left.write(chunk);
    await until(() => closed.length > 0);
    assert.deepEqual(closed, ['message-too-large']);
  });

  it('REL-4 a side that does not read is dropped when it is too far behind', () => {
    const [silent, own] = duplexPair();
    silent.pause();
    const peer = new Peer(own, { calls: {}, logger: nullLogger, maxBehindBytes: 100_000 });
    const closed: string[] = [];
    peer.onDidClose((error) => closed.push(error.code));
    for (let n = 0; n < 20 && !peer.isClosed; n++) peer.notify('x', 'x'.repeat(20_000));
    assert.deepEqual(closed, ['too-far-behind']);
    peer.notify('x', 'after the end');
  });

  it('VSC-2 what is told right behind a synchronous answer is also behind it on the wire', async () => {
    afterAdd = () => server.notify('later', 0);
    let wire = '';
    left.on('data', (chunk: Buffer) => (wire += chunk.toString()));
    await client.request('add', { a: 1, b: 1 });
    await until(() => wire.includes('later'));
    assert.match(wire, /"result":2[^]*"method":"later"/);
  });

  it('REL-3 notifications arrive in order with the answers around them', async () => {
    const seen: string[] = [];
    client.onNotification(({ method, params }) => seen.push(`${method} ${String(params)}`));
    server.notify('a', 1);
    const sum = client.request('add', { a: 1, b: 1 }).then(() => seen.push('answer'));
    server.notify('b', 2);
    await sum;
    assert.deepEqual(seen, ['a 1', 'b 2', 'answer']);
  });
});
