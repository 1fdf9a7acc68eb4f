import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startScriptedModel, type ScriptedModel } from '../../../src/demo/scriptedModel.ts';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { scriptedProvider } from '../../support/codex.ts';
import { fleetClient, type FleetClient } from '../../support/fleetClient.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { until } from '../../support/until.ts';
import { call, connect } from '../mcp/mcpClient.ts';

const exec = promisify(execFile);

describe('identity of a session, with its real Codex', function () {
  this.timeout(90_000);
  let sshd: SshdFixture;
  let model: ScriptedModel;
  let cockpit: CockpitFixture;
  let fleet: FleetClient;

  const remote = (...args: string[]) => execFileSync('tmux', ['-f', '/dev/null', '-S', join(sshd.dir, 't.sock'), ...args], { encoding: 'utf8', env: { ...process.env, HOME: sshd.home, TMUX: undefined } }).trim();
  const make = (name: string) => remote('new-session', '-d', '-P', '-F', '#{session_id}', '-s', name, 'exec cat');
  const paired = (id: string) => fleet.session('box', id, (session) => session.agent.state === 'idle' && session.agent.threadId !== null && session.owner === 'agent');

  /** While the session is seen as gone its token opens nothing, which is a refusal too. */
  const write = async (client: Awaited<ReturnType<typeof connect>>) => {
    try {
      return (await call(client, 'send_text', { text: 'of the old life' })).structuredContent as { outcome: string; reason: string | null };
    } catch (error) {
      if (!/Unauthorized/.test(String(error))) throw error;
      return { outcome: 'refused', reason: 'token of a session that is gone' };
    }
  };

  /** Ends the server and starts another in its place at once, whose first session has the id of the old one's. */
  const restart = () => {
    const tmux = `tmux -f /dev/null -S '${join(sshd.dir, 't.sock')}'`;
    return exec('sh', ['-c', `${tmux} kill-server; until ${tmux} new-session -d -s cockpit-new 'exec cat' 2>/dev/null; do :; done`], { env: { ...process.env, HOME: sshd.home, TMUX: undefined } });
  };

  before(async () => {
    sshd = await startSshd();
    model = await startScriptedModel();
    cockpit = await cockpitFixture({ COCKPIT_SSH_CONFIG: sshd.configFile });
    await cockpit.writeConfig({ hosts: [{ alias: 'box', tmux_socket: join(sshd.dir, 't.sock') }], poll_interval: '300ms', local_agent_model: 'fake-model', codex_config: scriptedProvider(model.url) });
    make('cockpit-one');
    await cockpit.must('up', '--no-attach');
    fleet = await fleetClient(cockpit);
  });
  after(async () => {
    fleet.dispose();
    await cockpit.dispose();
    await model.close();
    await sshd.stop();
  });

  it('DISC-5 a rename changes the label only: key, thread and workdir stay, and the agent is not started anew', async () => {
    const before = await paired('$0');
    remote('rename-session', '-t', '$0', 'cockpit-renamed');
    const after = await fleet.session('box', 'cockpit-renamed');
    assert.deepEqual([after.id, after.key, after.agent, after.epoch], [before.id, before.key, before.agent, before.epoch]);
    remote('rename-session', '-t', '$0', 'cockpit-one');
    await fleet.has('box', 'cockpit-one');
  });

  it('DISC-5 the same name with a new id is a new session: another key, thread and workdir', async () => {
    const before = await paired('$0');
    const keep = make('cockpit-keep');
    remote('kill-session', '-t', '$0');
    const id = make('cockpit-one');
    assert.notEqual(id, '$0');
    const after = await paired(id);
    assert.notEqual(after.key, before.key);
    assert.notEqual(after.agent.threadId, before.agent.threadId);
    assert.notEqual(after.agent.workdir, before.agent.workdir);
    remote('kill-session', '-t', keep);
    await fleet.has('box', 'cockpit-one');
  });

  it('DISC-5 OWN-3 a new tmux server with the same id: the pairing is used again, and its epoch goes on', async () => {
    const id = (await fleet.host('box')).sessions[0]?.id ?? '';
    const before = await paired(id);
    const [pid] = [remote('display-message', '-p', '#{pid}')];
    await fleet.client.request('select', { host: 'box', session: null, focus: 'remote' });
    await fleet.session('box', id, (session) => session.owner === 'human');
    const claimed = (await fleet.session('box', id)).epoch ?? NaN;
    remote('kill-server');
    await fleet.has('box');
    await fleet.client.request('select', { host: 'box', session: null, focus: 'agent' });
    // Ids count from 0 in a new server.
    const isThere = () => remote('list-sessions', '-F', '#{session_id}').split('\n').includes(id);
    // Cockpit itself may make one of them (DISC-4).
    for (let at = 0; at === 0 || !isThere(); at += 1) await until(() => make(`cockpit-n${at}`));
    assert.notEqual(remote('display-message', '-p', '#{pid}'), pid);
    const after = await paired(id);
    assert.deepEqual([after.key, after.agent.threadId, after.agent.workdir], [before.key, before.agent.threadId, before.agent.workdir]);
    assert.ok((after.epoch ?? 0) > claimed, `${String(after.epoch)} > ${claimed}`);
  });

  it('DISC-5 OWN-3 no write of the old life lands in the new server, however soon it comes', async function () {
    const outcomes: Record<string, number> = {};
    for (let round = 0; round < 12; round += 1) {
      const id = (await fleet.host('box')).sessions[0]?.id ?? '$0';
      await fleet.session('box', id, (session) => session.owner === 'agent');
      const grants = await Promise.all([0, 1, 2, 3].map(() => fleet.client.request('grant/create', { session: `box/${id}`, ttlMs: null })));
      const clients = await Promise.all(grants.map(({ url, token }) => connect(url, token)));
      try {
        for (const client of clients) await call(client, 'session_status');
        // The new server stands before the supervisor can know: the writes are on their way meanwhile.
        const restarted = restart();
        const results = await Promise.all(clients.map(async (client, at) => {
          // Each begins some round trips after the one before.
          for (let ask = 0; ask < at * 8; ask += 1) await fleet.status();
          return [await write(client), await write(client), await write(client)];
        }));
        await restarted;
        for (const { outcome, reason } of results.flat()) outcomes[reason ?? outcome] = (outcomes[reason ?? outcome] ?? 0) + 1;
      } finally {
        for (const client of clients) await client.close();
      }
      await until(async () => (await fleet.names('box')).includes('cockpit-new'));
      assert.doesNotMatch(remote('capture-pane', '-p', '-S', '-', '-t', 'cockpit-new'), /old life/);
    }
    // Accepted is what came before the old server ended.
    console.log(`      ${JSON.stringify(outcomes)}`);
  });
});
