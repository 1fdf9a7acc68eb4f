import assert from 'node:assert/strict';
import { fillDefaults } from '../../../src/supervisor/adapters/configFile/fillDefaults.ts';
import { createShell } from '../../../src/supervisor/adapters/shell/createShell.ts';
import { systemClock } from '../../../src/supervisor/base/clock.ts';
import { Emitter } from '../../../src/supervisor/base/event.ts';
import { nullLogger } from '../../../src/supervisor/base/logger.ts';
import { builtInMarkers } from '../../../src/supervisor/domain/markers.ts';
import { sessionKey } from '../../../src/supervisor/domain/ids.ts';
import { EffectRunner } from '../../../src/supervisor/effects.ts';
import { noNotes } from '../../support/noNotes.ts';
import { HostLink } from '../../../src/supervisor/hosts/hostLink.ts';
import { createSessionPort } from '../../../src/supervisor/session/sessionPort.ts';
import { Supervisor } from '../../../src/supervisor/supervisor.ts';
import { someHostConfig } from '../../support/fleet.ts';
import { startProxy, type Proxy } from '../../support/proxy.ts';
import { startSshd, type SshdFixture } from '../../support/sshd.ts';
import { startTmux } from '../../support/tmuxServer.ts';
import { storeFixture } from '../../support/storeFixture.ts';
import { until } from '../../support/until.ts';
import { startSessions, type SessionClient, type SessionsFixture } from './sessionFixture.ts';

describe("the session's tools and the link", function () {
  this.timeout(60_000);
  let sshd: SshdFixture;
  let proxy: Proxy;
  let all: SessionsFixture;
  before(async () => {
    sshd = await startSshd();
    proxy = await startProxy(sshd.port);
    sshd.addAlias('far', { Port: proxy.port, HostKeyAlias: `[127.0.0.1]:${sshd.port}` });
    all = await startSessions(async (tmux) => { await tmux.newSession('cockpit-work'); }, { env: { COCKPIT_SSH_CONFIG: sshd.configFile }, host: { ssh_target: 'far' } });
    await all.ready('work');
  });
  after(async () => {
    await all.stop();
    await proxy.stop();
    await sshd.stop();
  });

  /** A call that was made before this one is being served. */
  const waitsAt = (session: SessionClient) => session.call('list_remote_sessions');

  it('MCP-2 OWN-4 wait_for_change ends with the loss of the link, the next one with its return; a write of before is refused until a read', async () => {
    const [session, writer] = [await all.open('http', 'work'), await all.open('stdio', 'work')];
    await session.call('session_status');
    await writer.call('session_status');
    const waiting = session.call('wait_for_change', { timeoutMs: 30_000 });
    await waitsAt(session);
    proxy.stall();
    proxy.reset();
    const lost = await waiting;
    assert.deepEqual([lost.why, lost.owner, lost.epoch], ['link', 'unread', null]);
    const refused = await writer.call('send_text', { text: 'x' });
    assert.deepEqual([refused.outcome, refused.reason], ['refused', 'link-down']);
    assert.match(await session.refusal('capture_snapshot'), /is down\. It comes back by itself; call wait_for_change/);
    const back = session.call('wait_for_change', { timeoutMs: 50_000 });
    proxy.resume();
    assert.deepEqual([(await back).why, (await back).owner], ['link', 'agent']);
    assert.equal((await session.call('send_text', { text: 'echo BACK' })).outcome, 'accepted');
  });
});

describe("the session's tools and a nudge", () => {
  it('WAKE-3 wait_for_change ends when a nudge for its session comes, and for no other', async () => {
    const tmux = await startTmux();
    const pane = await tmux.newSession('cockpit-work');
    const data = await storeFixture();
    const shell = createShell(someHostConfig({ transport: 'local' }), { mastersDir: tmux.dir, sshAuthSock: null, logger: nullLogger });
    await shell.connect();
    const nudge = new Emitter<string>();
    const effects = new EffectRunner({ install: 'inst', supervisorName: 'test', link: () => link, observe: (fact) => { supervisor.observe(fact); }, lastEpoch: () => 0, recordEpoch: () => undefined, notes: noNotes, logger: nullLogger });
    const supervisor = new Supervisor({ clock: systemClock, install: 'inst', focus: 'agent', selectedAlias: null, runEffect: (effect) => { effects.run(effect); } });
    const host = someHostConfig({ transport: 'local', tmuxSocket: tmux.socket });
    const link = new HostLink(host, { shell, clock: systemClock, logger: nullLogger, installId: 'inst', pollIntervalMs: 2_000, emit: (fact) => { supervisor.observe(fact); } });
    try {
      supervisor.observe({ kind: 'configured', config: { ...fillDefaults({}), hosts: [host] }, remembered: { wake: {}, selected: {} } });
      link.start();
      const owned = () => supervisor.fleet.hosts[0]?.sessions.find(({ observed }) => observed.id === pane.id)?.ownership.kind === 'ours';
      await until(owned, { what: 'the agent owns the session' });
      const ref = { alias: 'box', id: pane.id };
      const port = createSessionPort(
        { clock: systemClock, install: 'inst', markers: () => builtInMarkers, agentMayApprove: () => 'read-only', fleet: () => supervisor.fleet, link: () => link, observe: (fact) => { supervisor.observe(fact); }, actions: data.open(), installLogin: () => Promise.reject(new Error('not asked for')), didAct: () => undefined, onDidChangeFleet: supervisor.onDidChange, onWillNudge: nudge.event },
        ref,
        'agent',
      );
      let progress = 0;
      const call = { signal: new AbortController().signal, meta: {}, progress: () => { progress += 1; } };
      await port.call('capture_snapshot', { historyLines: 0 }, call);
      const waiting = port.call('wait_for_change', { timeoutMs: 2_000 }, call);
      // Behind the first look of the call.
      await link.capture(pane.id);
      await link.capture(pane.id);
      nudge.fire(sessionKey({ alias: 'box', id: '$99' }));
      assert.equal((await waiting).why, 'timeout');
      const nudged = port.call('wait_for_change', { timeoutMs: 30_000 }, call);
      await link.capture(pane.id);
      await link.capture(pane.id);
      nudge.fire(sessionKey(ref));
      const { why, changed } = await nudged;
      assert.deepEqual([why, changed, progress], ['nudge', false, 0]);
    } finally {
      link.dispose();
      shell.dispose();
      await data.dispose();
      await tmux.stop();
    }
  });
});
