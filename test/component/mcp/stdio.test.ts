import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { Emitter } from '../../../src/supervisor/base/event.ts';
import { CockpitError, HumanError } from '../../../src/supervisor/base/errors.ts';
import { nullLogger } from '../../../src/supervisor/base/logger.ts';
import { sessionTools } from '../../../src/supervisor/protocol/sessionTools.ts';
import type { BackendPort } from '../../../src/mcp/reconnectingPort.ts';
import { serveStdio } from '../../../src/mcp/stdio.ts';
import { until } from '../../support/until.ts';
import { FakePort, untilAborted } from './fakePort.ts';
import { call, textOf } from './mcpClient.ts';

/** A supervisor that can go and come back. */
class Backend {
  up = true;
  connects = 0;
  failure: Error = new CockpitError('ECONNREFUSED', 'connect ECONNREFUSED');
  readonly port = new FakePort('ai/$1', { wait_for_change: () => new Promise(() => undefined), send_text: () => new Promise(() => undefined) });
  readonly #onDidClose = new Emitter<undefined>();

  connect(): Promise<BackendPort> {
    this.connects += 1;
    if (!this.up) return Promise.reject(this.failure);
    const { port } = this;
    return Promise.resolve({ call: (tool, input, context) => port.call(tool, input, context), onDidClose: this.#onDidClose.event, dispose: () => { this.#onDidClose.fire(undefined); } });
  }

  go(): void {
    this.up = false;
    this.#onDidClose.fire(undefined);
  }
}

describe('MCP over stdio', () => {
  let backend: Backend;
  let client: Client;
  let ended: Promise<void>;
  let toServer: PassThrough;

  async function start(graceMs?: number): Promise<void> {
    toServer = new PassThrough();
    const fromServer = new PassThrough();
    ended = serveStdio(() => backend.connect(), { input: toServer, output: fromServer }, { version: '0', logger: nullLogger, ...(graceMs === undefined ? {} : { graceMs }) });
    client = new Client({ name: 'test', version: '0' });
    // JSON lines on a pair of streams are the same for both sides.
    await client.connect(new StdioServerTransport(fromServer, toServer));
  }

  beforeEach(() => { backend = new Backend(); });
  afterEach(async () => {
    toServer.end();
    await ended;
    await client.close();
  });

  it('MCP-1 lists the tools without a supervisor and connects at the first call', async () => {
    await start();
    assert.deepEqual((await client.listTools()).tools.map(({ name }) => name), Object.keys(sessionTools));
    assert.equal(backend.connects, 0);
    assert.notEqual((await call(client, 'session_status')).isError, true);
    await call(client, 'session_status');
    assert.equal(backend.connects, 1);
  });

  it('MCP-1 a call that was in flight when the supervisor went tells that its outcome is unknown; the next call works', async () => {
    await start();
    const writing = call(client, 'send_text', { text: 'x' });
    const waiting = call(client, 'wait_for_change');
    await until(() => backend.port.calls.length === 2);
    backend.go();
    const [written, waited] = await Promise.all([writing, waiting]);
    assert.deepEqual([written.isError, waited.isError], [true, true]);
    assert.match(textOf(written), /outcome of this call is unknown: call session_status before you retry/);
    assert.match(textOf(waited), /Nothing was changed; call wait_for_change again/);
    backend.up = true;
    assert.notEqual((await call(client, 'session_status')).isError, true);
    assert.equal(backend.port.calls.length, 3, 'nothing is sent twice');
  });

  it('MCP-1 a call made while the supervisor is away is sent once it is back', async () => {
    await start();
    await call(client, 'session_status');
    backend.go();
    const pending = call(client, 'capture_snapshot');
    await until(() => backend.connects >= 3);
    backend.up = true;
    assert.notEqual((await pending).isError, true);
    assert.deepEqual(backend.port.calls.map(({ tool }) => tool), ['session_status', 'capture_snapshot']);
  });

  it('MCP-1 a call that found no supervisor within the grace was not sent, and says so', async () => {
    await start(1000);
    backend.up = false;
    const result = await call(client, 'send_text', { text: 'x' });
    assert.equal(result.isError, true);
    assert.match(textOf(result), /not running \(waited 1 s\)\. Nothing was sent\. .*cockpit up/);
    assert.equal(backend.port.calls.length, 0);
  });

  it('MCP-3 what only a person can mend is told at once', async () => {
    await start();
    backend.up = false;
    backend.failure = new HumanError('no-session', 'No session ai/$9. Run cockpit status to see the sessions.', { exitCode: 1 });
    assert.match(textOf(await call(client, 'session_status')), /No session ai\/\$9/);
    assert.equal(backend.connects, 1);
  });

  it('MCP-2 a cancelled call reaches the tool within 100 ms, also one that waits for a supervisor', async () => {
    let abortedAtMs: number | null = null;
    const waitable = new FakePort('ai/$1', {
      wait_for_change: (_input, { signal }) => {
        signal.addEventListener('abort', () => { abortedAtMs = performance.now(); });
        return untilAborted(signal);
      },
    });
    Object.assign(backend, { port: waitable });
    await start();
    const abort = new AbortController();
    const settled = assert.rejects(call(client, 'wait_for_change', {}, { signal: abort.signal }));
    await until(() => waitable.calls.length === 1);
    const startMs = performance.now();
    abort.abort();
    await settled;
    const endMs = await until(() => abortedAtMs);
    assert.ok(endMs - startMs < 100, `${endMs - startMs} ms`);
    backend.go();
    const second = new AbortController();
    const unsent = assert.rejects(call(client, 'send_text', { text: 'x' }, { signal: second.signal }));
    await until(() => backend.connects >= 2);
    second.abort();
    await unsent;
    backend.up = true;
    await call(client, 'session_status');
    assert.deepEqual(waitable.calls.map(({ tool }) => tool), ['wait_for_change', 'session_status']);
  });
});

describe('MCP over stdio as a process', () => {
  it('MCP-1 speaks only MCP on stdout and ends with its input', async () => {
    const transport = new StdioClientTransport({ command: process.execPath, args: [new URL('stdioProcess.ts', import.meta.url).pathname], stderr: 'ignore' });
    const client = new Client({ name: 'test', version: '0' });
    const errors: Error[] = [];
    client.onerror = (error) => errors.push(error);
    await client.connect(transport);
    const { pid } = transport;
    assert.ok(pid);
    assert.notEqual((await call(client, 'session_status')).isError, true);
    const startMs = performance.now();
    await client.close();
    // The transport ends stdin, and kills only after 2 s.
    assert.ok(performance.now() - startMs < 1900, `${performance.now() - startMs} ms`);
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    assert.deepEqual(errors, []);
  });
});
