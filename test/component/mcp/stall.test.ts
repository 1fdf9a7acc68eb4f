import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { until } from '../../support/until.ts';
import { call, connect } from './mcpClient.ts';

describe('MCP over HTTP, a stalled server', () => {
  let child: ChildProcess;

  after(async () => {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  });

  it('MCP-1 a call is not lost when the event loop stands still for 8 s', async () => {
    child = spawn(process.execPath, [new URL('httpProcess.ts', import.meta.url).pathname], { stdio: ['ignore', 'pipe', 'inherit'] });
    assert.ok(child.stdout);
    const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    const client = await connect(url, 'token');
    await call(client, 'session_status');
    child.kill('SIGSTOP');
    const startMs = performance.now();
    const pending = call(client, 'session_status');
    // The time itself is what is tested: longer than Node's default for idle sockets, which is 5 s and a second of grace.
    await until(() => performance.now() - startMs > 8_000);
    child.kill('SIGCONT');
    assert.notEqual((await pending).isError, true);
    assert.ok(performance.now() - startMs >= 8_000, 'it was answered while the server stood still');
    await client.close();
  }).timeout(20_000);
});
