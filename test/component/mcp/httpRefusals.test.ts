import assert from 'node:assert/strict';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { nullLogger } from '../../../src/supervisor/base/logger.ts';
import { createMcpHttpServer, type McpHttpServer } from '../../../src/mcp/http.ts';
import { hashToken } from '../../../src/mcp/httpChecks.ts';
import { FakePort } from './fakePort.ts';
import { connect, serve } from './mcpClient.ts';

type Reply = { status: number; headers: Record<string, unknown>; body: string };

describe('MCP over HTTP, what it refuses', () => {
  const port = new FakePort();
  const grants: Record<string, FakePort> = { good: port };
  let server: McpHttpServer;
  const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });

  before(async () => { server = await serve(grants); });
  after(() => server.close());

  function send(headers: Record<string, string | undefined>, body: string | Buffer = list, options: { method?: string; path?: string } = {}): Promise<Reply> {
    const all: Record<string, string | undefined> = { authorization: 'Bearer good', 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers };
    const kept = Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: server.port, method: 'POST', path: '/mcp', agent: false, ...options, headers: kept }, (response) => {
        text(response).then((received) => { resolve({ status: response.statusCode ?? 0, headers: response.headers, body: received }); }, reject);
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  it('MCP-1 a right token is served', async () => {
    assert.equal((await send({})).status, 200);
  });

  for (const [what, authorization] of [['none', undefined], ['a wrong one', 'Bearer bad'], ['another scheme', 'Basic good'], ['an empty one', 'Bearer '], ['the hash itself', `Bearer ${hashToken('good')}`]] as const) {
    it(`MCP-1 token: ${what} gets 401 without detail`, async () => {
      const reply = await send({ authorization });
      assert.deepEqual([reply.status, reply.headers['www-authenticate'], reply.body], [401, 'Bearer', '{"jsonrpc":"2.0","error":{"code":-32000,"message":"Unauthorized"},"id":null}']);
    });
  }

  it('MCP-1 a token that was taken back is refused from then on', async () => {
    let granted = true;
    const other = await createMcpHttpServer({ port: 0, resolveToken: () => (granted ? port : null), logger: nullLogger, version: '0' });
    const client = await connect(other.url, 'any');
    await client.ping();
    granted = false;
    await assert.rejects(client.ping());
    await client.close();
    await other.close();
  });

  for (const host of ['evil.example', '127.0.0.1', '127.0.0.1:1', 'localhost', 'localhost.evil.example']) {
    it(`MCP-1 Host ${host} gets 403`, async () => {
      assert.equal((await send({ host })).status, 403);
    });
  }

  it('MCP-1 Host localhost with the port, and a loopback Origin, are served', async () => {
    assert.equal((await send({ host: `localhost:${server.port}`, origin: 'http://localhost:3000' })).status, 200);
  });

  for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1.evil.example', 'http://localhost.evil.example', 'garbage']) {
    it(`MCP-1 Origin ${origin} gets 403`, async () => {
      assert.equal((await send({ origin })).status, 403);
    });
  }

  for (const method of ['GET', 'DELETE', 'PUT', 'OPTIONS']) {
    it(`MCP-1 ${method} gets 405`, async () => {
      const reply = await send({}, '', { method });
      assert.deepEqual([reply.status, reply.headers['allow']], [405, 'POST']);
    });
  }

  it('MCP-1 another path gets 404', async () => {
    assert.equal((await send({}, list, { path: '/' })).status, 404);
    assert.equal((await send({}, list, { path: '/.well-known/oauth-protected-resource' })).status, 404);
  });

  it('MCP-1 a body over 1 MB gets 413, with a length and without', async () => {
    const large = Buffer.alloc(1024 * 1024 + 1, 0x20);
    assert.equal((await send({ 'content-length': String(large.length) }, large)).status, 413);
    assert.equal((await send({ 'transfer-encoding': 'chunked' }, large)).status, 413);
  });

  for (const [what, body] of [['no JSON', '{'], ['empty', ''], ['no JSON-RPC', '{"a":1}'], ['a batch', `[${list}]`]] as const) {
    it(`MCP-1 a body that is ${what} gets 400`, async () => {
      assert.equal((await send({}, body)).status, 400);
    });
  }

  it('MCP-1 nothing that was refused reached the session', () => {
    assert.equal(port.calls.length, 0);
  });
});
