import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { pace } from '../../support/pace.ts';
import type { Api } from '../../../src/supervisor/protocol/api.ts';
import type { Client } from '../../../src/supervisor/protocol/client.ts';
import { sessionTools } from '../../../src/supervisor/protocol/sessionTools.ts';
import { chaosWorld, type World } from '../../support/chaos/world.ts';
import { startSupervisorChild } from '../../support/supervisorChild.ts';
import { until } from '../../support/until.ts';

const kills = 20;
/** Rows that `audit/list` gives at once. */
const manyRows = 10_000;

describe(`kill -9 of the supervisor, ${kills} times with writes under way`, function () {
  this.timeout(120_000);
  let world: World;
  before(async () => {
    // Without Codex: agents have their own tests, and these kills are for the audit and the links.
    world = await chaosWorld(['box'], { config: { codex_path: '/nowhere/codex' } });
    const [host] = world.hosts;
    assert.ok(host);
    await world.newSession(host, 'cockpit-a');
  });
  after(async () => {
    await world.dispose();
  });

  const controlClients = async () => {
    const [host] = world.hosts;
    return host ? (await world.remote(host, 'list-clients', '-F', '#{client_control_mode}')).split('\n').filter((mode) => mode === '1').length : 0;
  };
  const owned = async (client: Client<Api>) => {
    await until(async () => (await client.request('status', {})).hosts[0]?.sessions[0]?.owner === 'agent', { what: 'ownership was read', timeoutMs: 15_000 });
  };
  const call = async <N extends 'session_status' | 'send_input'>(client: Client<Api>, tool: N, input: z.input<(typeof sessionTools)[N]['input']>) =>
    sessionTools[tool].output.parse((await client.request('tool/call', { tool, input, meta: {} })).output);

  it('REL-1 no acknowledged row is lost, what was in flight is unknown, the chain holds, one login, no orphan at the remote', async () => {
    const acknowledged = new Map<string, string>();
    const returnMs: number[] = [];
    for (let round = 0; round < kills; round++) {
      const startedMs = performance.now();
      const supervisor = await startSupervisorChild(world.cockpit);
      const client = await supervisor.connect();
      await owned(client);
      returnMs.push(performance.now() - startedMs);
      await client.request('grant/bind', { session: 'box/cockpit-a' });
      await call(client, 'session_status', {});
      const life = { isOver: false };
      const writing = (async () => {
        for (let n = 0; !life.isOver; n++) {
          const done = await call(client, 'send_input', { actions: [{ type: 'text', text: `r${round}n${n}` }, { type: 'key', key: 'Enter' }] });
          assert.ok('auditId' in done);
          if (done.auditId !== null) acknowledged.set(done.auditId, done.outcome);
        }
      })().catch((error: unknown) => {
        // Cut off by the kill: never acknowledged.
        if (!life.isOver) throw error;
      });
      await pace(300 + ((round * 37) % 400));
      life.isOver = true;
      await supervisor.kill();
      await writing;
      client.dispose();
    }
    const killedMs = performance.now();
    await until(async () => (await controlClients()) === 0, { timeoutMs: 30_000, what: 'no orphan control client' });
    const orphanMs = performance.now() - killedMs;

    const supervisor = await startSupervisorChild(world.cockpit);
    const client = await supervisor.connect();
    await owned(client);
    const { actions } = await client.request('audit/list', { session: null, limit: manyRows, sinceSeq: 0 });
    const outcomes = new Map(actions.map(({ id, outcome }) => [id, outcome]));
    for (const [id, outcome] of acknowledged) assert.equal(outcomes.get(id), outcome, `row ${id}`);
    assert.deepEqual(actions.filter(({ outcome }) => outcome === null), [], 'every row has its end');
    const unknown = actions.filter(({ outcome }) => outcome === 'unknown');
    assert.ok(unknown.length > 0 && unknown.length <= kills, `${unknown.length} in flight`);
    assert.ok(unknown.every(({ reason }) => reason === 'supervisor ended'));
    assert.equal((await client.request('audit/verify', {})).ok, true);
    assert.equal(world.sshd.logins(), 1, 'DISC-1 the connection outlives the supervisor');
    assert.ok((await controlClients()) <= 3);
    client.dispose();
    returnMs.sort((a, b) => a - b);
    console.log(`    ${acknowledged.size} acknowledged, ${unknown.length} in flight; back after median ${Math.round(returnMs[kills / 2] ?? 0)} ms, max ${Math.round(returnMs.at(-1) ?? 0)} ms; remote clean ${Math.round(orphanMs)} ms after the last kill`);
    assert.ok(!readFileSync(world.cockpit.paths.log, 'utf8').includes(' error '), 'no error in the log');
  });
});
