import assert from 'node:assert/strict';
import { pace } from '../../support/pace.ts';
import { api, type Api } from '../../../src/supervisor/protocol/api.ts';
import { connect, type Client } from '../../../src/supervisor/protocol/client.ts';
import { chaosWorld, type World, type WorldHost } from '../../support/chaos/world.ts';
import { rssBytes } from '../../support/ownProcesses.ts';
import { until } from '../../support/until.ts';

const floodMs = 8_000;
const mostGrowthBytes = 64 * 2 ** 20;

describe('a pane that floods', function () {
  this.timeout(90_000);
  let world: World;
  let host: WorldHost;
  let client: Client<Api>;
  before(async () => {
    world = await chaosWorld(['box']);
    const [only] = world.hosts;
    assert.ok(only);
    host = only;
    await world.newSession(host, 'cockpit-calm');
    await world.newSession(host, 'cockpit-flood', 'sh');
    // With everything on: agents, viewers, the terminal in which the flood is looked at.
    await world.up();
    await until(async () => (await world.status()).hosts[0]?.sessions.filter(({ agent, owner }) => agent.state === 'idle' && owner === 'agent').length === 2, { timeoutMs: 25_000, what: 'idle agents' });
    client = await connect(world.cockpit.paths, api, 'test');
    await client.request('select', { host: 'box', session: 'box/cockpit-flood', focus: null });
    await until(async () => (await world.remote(host, 'list-clients', '-F', '#{client_control_mode}')).split('\n').filter((mode) => mode === '0').length === 2, { timeoutMs: 10_000, what: 'both viewers are attached' });
  });
  after(async () => {
    client.dispose();
    await world.dispose();
  });

  /** Latencies in ms of commands to the calm session, one after the other. */
  const measure = async (forMs: number, watch: () => void) => {
    const times: number[] = [];
    const endMs = performance.now() + forMs;
    while (performance.now() < endMs) {
      const startedMs = performance.now();
      await client.request('session/peek', { session: 'box/cockpit-calm' });
      times.push(performance.now() - startedMs);
      watch();
      await pace(20);
    }
    return times.sort((a, b) => a - b);
  };
  const at = (times: number[], part: number) => times[Math.floor((times.length - 1) * part)] ?? 0;
  const show = (times: number[]) => `median ${at(times, 0.5).toFixed(1)} ms, p95 ${at(times, 0.95).toFixed(1)} ms, max ${at(times, 1).toFixed(1)} ms (n ${times.length})`;

  it('REL-4 neither the supervisor nor the remote tmux grows by 64 MB, and commands to other sessions stay below 50 ms', async () => {
    const supervisor = (await world.status()).supervisor.pid ?? 0;
    const remote = Number(await world.remote(host, 'display-message', '-p', '#{pid}'));
    // An agent waits on the flooding session, so its output is pushed to the supervisor.
    const waiting = await connect(world.cockpit.paths, api, 'test');
    await waiting.request('grant/bind', { session: 'box/cockpit-flood' });
    const waits = (async () => {
      for (;;) await waiting.request('tool/call', { tool: 'wait_for_change', input: { timeoutMs: 60_000 }, meta: {} });
    })().catch(() => undefined); // ends with its connection
    const calm = await measure(2_000, () => undefined);
    const before = { supervisor: rssBytes(supervisor), remote: rssBytes(remote) };
    const peak = { ...before };
    await world.remote(host, 'send-keys', '-t', '=cockpit-flood:', 'yes 0123456789012345678901234567890123456789', 'Enter');
    const flooded = await measure(floodMs, () => {
      peak.supervisor = Math.max(peak.supervisor, rssBytes(supervisor));
      peak.remote = Math.max(peak.remote, rssBytes(remote));
    });
    assert.match(await world.remote(host, 'capture-pane', '-p', '-t', '=cockpit-flood:'), /0123456789\n0123456789/, 'it does flood');
    await world.remote(host, 'send-keys', '-t', '=cockpit-flood:', 'C-c');
    await world.remote(host, 'send-keys', '-t', '=cockpit-flood:', 'clear; echo OVER-$((1+1))', 'Enter');
    const stoppedMs = performance.now();
    await until(async () => (await client.request('session/peek', { session: 'box/cockpit-flood' })).text.includes('OVER-2'), { timeoutMs: 5_000, what: 'the screen after the flood' });
    const peekMs = performance.now() - stoppedMs;
    await until(async () => (await world.screen()).includes('OVER-2'), { timeoutMs: 10_000, what: 'the end of the flood in the terminal' });
    const shownMs = performance.now() - stoppedMs;
    waiting.dispose();
    await waits;
    const growth = { supervisor: peak.supervisor - before.supervisor, remote: peak.remote - before.remote };
    const mb = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
    console.log(`    calm:  ${show(calm)}\n    flood: ${show(flooded)}\n    growth: supervisor ${mb(growth.supervisor)}, remote tmux ${mb(growth.remote)}; after the end: read ${Math.round(peekMs)} ms, in the terminal ${Math.round(shownMs)} ms`);
    assert.ok(growth.supervisor < mostGrowthBytes, `supervisor ${mb(growth.supervisor)}`);
    assert.ok(growth.remote < mostGrowthBytes, `remote tmux ${mb(growth.remote)}`);
    assert.ok(at(flooded, 0.5) < 50 && at(flooded, 0.95) < 50, show(flooded));
  });
});
