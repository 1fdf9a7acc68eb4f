import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { McpHttpServer } from '../../../src/mcp/http.ts';
import { FakePort } from './fakePort.ts';
import { connect, serve } from './mcpClient.ts';

const applies = ['server-initialize', 'ping', 'tools-list', 'dns-rebinding-protection'];
const testTool = 'calls a tool of the checker’s own example server';
const noSuch = (capability: string) => `the server does not declare ${capability}`;
const doesNotApply: Record<string, string> = {
  'logging-set-level': noSuch('logging'),
  'completion-complete': noSuch('completions'),
  'tools-call-simple-text': testTool,
  'tools-call-image': testTool,
  'tools-call-audio': testTool,
  'tools-call-embedded-resource': testTool,
  'tools-call-mixed-content': testTool,
  'tools-call-with-logging': testTool,
  'tools-call-error': testTool,
  'tools-call-with-progress': testTool,
  'tools-call-sampling': testTool,
  'tools-call-elicitation': testTool,
  'json-schema-2020-12': testTool,
  'elicitation-sep1034-defaults': testTool,
  'elicitation-sep1330-enums': testTool,
  'server-sse-polling': `${testTool}, and wants session ids: the server is stateless`,
  'server-sse-multiple-streams': 'wants session ids: the server is stateless',
  'resources-list': noSuch('resources'),
  'resources-read-text': noSuch('resources'),
  'resources-read-binary': noSuch('resources'),
  'resources-templates-read': noSuch('resources'),
  'resources-subscribe': noSuch('resources'),
  'resources-unsubscribe': noSuch('resources'),
  'prompts-list': noSuch('prompts'),
  'prompts-get-simple': noSuch('prompts'),
  'prompts-get-with-args': noSuch('prompts'),
  'prompts-get-embedded-resource': noSuch('prompts'),
  'prompts-get-with-image': noSuch('prompts'),
};

const execFileAsync = promisify(execFile);
const checker = new URL('../../../node_modules/@modelcontextprotocol/conformance/dist/index.js', import.meta.url).pathname;

describe('MCP conformance checker', () => {
  let server: McpHttpServer;
  let proxy: Server;
  let dir: string;

  before(async () => {
    server = await serve({ token: new FakePort() });
    proxy = tokenProxy(server.port).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    dir = await mkdtemp(join(tmpdir(), 'ck-'));
  });
  after(async () => {
    proxy.close();
    proxy.closeAllConnections();
    await server.close();
    await rm(dir, { recursive: true, force: true });
  });

  it('MCP-3 every scenario of the checker is either run here or has a reason not to be', async () => {
    const { stdout } = await execFileAsync(process.execPath, [checker, 'list', '--server'], { cwd: dir });
    const listed = Array.from(stdout.matchAll(/^ {2}- (\S+)/gm), (match) => match[1]);
    assert.deepEqual([...applies, ...Object.keys(doesNotApply)].sort(), listed.sort());
  });

  it('MCP-3 the server declares tools and nothing else, and no change notice that stateless HTTP could not send', async () => {
    const client = await connect(server.url, 'token');
    assert.deepEqual(client.getServerCapabilities(), { tools: { listChanged: false } });
    await client.close();
  });

  for (const scenario of applies) {
    it(`MCP-1 MCP-3 scenario ${scenario}`, async () => {
      const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/mcp`;
      const out = join(dir, scenario);
      const { stdout } = await execFileAsync(process.execPath, [checker, 'server', '--url', url, '--scenario', scenario, '-o', out], { cwd: dir });
      const [result] = await readdir(out);
      const checks = JSON.parse(await readFile(join(out, result ?? '', 'checks.json'), 'utf8')) as { id: string; status: string }[];
      assert.ok(checks.length > 0, stdout);
      assert.deepEqual(checks.filter(({ status }) => status !== 'SUCCESS'), [], stdout);
    });
  }
});

/** The checker cannot send a bearer token; this adds it, and puts its own address in the Host header right. Any other Host passes as it is, to be refused. */
function tokenProxy(targetPort: number): Server {
  const proxy = createServer((incoming, response) => {
    const own = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const host = incoming.headers.host === own ? `127.0.0.1:${targetPort}` : incoming.headers.host;
    const options = { host: '127.0.0.1', port: targetPort, method: incoming.method ?? 'GET', path: incoming.url ?? '/', headers: { ...incoming.headers, host, authorization: 'Bearer token' } };
    const forwarded = request(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', () => response.destroy());
    response.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  return proxy;
}
