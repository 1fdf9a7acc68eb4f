import assert from 'node:assert/strict';
import type { Clock } from '../../../src/supervisor/base/clock.ts';
import { nullLogger } from '../../../src/supervisor/base/logger.ts';
import { createShell } from '../../../src/supervisor/adapters/shell/createShell.ts';
import { quote, type Shell } from '../../../src/supervisor/adapters/shell/shell.ts';
import { ClaimKeeper } from '../../../src/supervisor/claimKeeper.ts';
import { EffectRunner } from '../../../src/supervisor/effects.ts';
import { noNotes } from '../../support/noNotes.ts';
import { parseConfig } from '../../../src/supervisor/adapters/configFile/parseConfig.ts';
import { statusText } from '../../../src/supervisor/layout/statusText.ts';
import { statusOf } from '../../../src/supervisor/statusOf.ts';
import { Supervisor } from '../../../src/supervisor/supervisor.ts';
import { someHostConfig } from '../../support/fleet.ts';
import { observeLink, type ObservedLink } from '../../support/hostLinkFixture.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';

describe('claims that are not used', () => {
  let tmux: TmuxFixture;
  let terminal: TmuxFixture;
  let shell: Shell;
  let observed: ObservedLink;
  let supervisor: Supervisor;
  let keeper: ClaimKeeper;
  let nowMs = 0;
  let timeoutMs: number | null = null;
  const clock: Clock = { nowMs: () => nowMs, isoNow: () => '', after: () => ({ dispose: () => undefined }), every: () => ({ dispose: () => undefined }) };

  before(async () => {
    tmux = await startTmux();
    terminal = await startTmux();
    const host = someHostConfig({ transport: 'local', tmuxSocket: tmux.socket });
    shell = createShell(host, { mastersDir: tmux.dir, sshAuthSock: null, logger: nullLogger });
    const effects = new EffectRunner({ install: 'inst', supervisorName: 'me', link: () => observed.link, observe: (fact) => { supervisor.observe(fact); }, lastEpoch: () => 0, recordEpoch: () => undefined, notes: noNotes, logger: nullLogger });
    supervisor = new Supervisor({ clock, install: 'inst', focus: 'agent', selectedAlias: 'box', runEffect: (effect) => { effects.run(effect); } });
    const parsed = parseConfig('hosts: [{ alias: box }]');
    assert.ok(parsed.ok);
    supervisor.observe({ kind: 'configured', config: { ...parsed.config, hosts: [host] }, remembered: { wake: {}, selected: {} } });
    observed = observeLink(shell, tmux.socket, { emit: (fact) => { supervisor.observe(fact); } });
    keeper = new ClaimKeeper({ supervisor, link: () => observed.link, clock, logger: nullLogger, timeoutMs: () => timeoutMs });
    // A person's terminal, attached by a tmux that knows nothing of cockpit.
    await terminal.run('new-session', '-d', '-s', 'person', `TMUX= exec tmux ${quote('-S', tmux.socket, 'attach-session', '-t', 'cockpit-keep')}`);
    await until(async () => (await tmux.run('list-clients')) !== '', { what: 'the person is attached' });
  });
  after(async () => {
    keeper.dispose();
    observed.link.dispose();
    shell.dispose();
    await terminal.stop();
    await tmux.stop();
  });

  const session = () => supervisor.fleet.hosts[0]?.sessions[0];
  const owned = (owner: 'human' | 'agent') => until(() => { const ownership = session()?.ownership; return ownership?.kind === 'ours' && ownership.owner === owner; }, { what: `the ${owner} owns it` });
  const says = () => statusText(supervisor.fleet, [], nowMs).remote;
  const idleMs = () => statusOf(supervisor.fleet, { nowMs, version: '', dataDir: '', agentsDir: '', supervisor: { running: true, pid: 1, owner: 'cli', since: null, notices: [] }, accounts: [] }).hosts[0]?.sessions[0]?.claimIdleMs;

  it('OWN-10 after 15 minutes without a key the session says so, and a key takes that back', async () => {
    await owned('agent');
    supervisor.observe({ kind: 'selected', alias: 'box', id: null, focus: 'remote' });
    await owned('human');
    await keeper.look();
    nowMs += 14 * 60_000;
    await keeper.look();
    assert.equal(idleMs(), 14 * 60_000);
    assert.match(says(), /you write$/);
    nowMs += 60_000;
    assert.match(says(), /no key for 15 min \(F3 gives it back\)/);
    const before = await tmux.run('display-message', '-p', '-t', 'cockpit-keep:', '#{session_activity}');
    await until(async () => {
      await terminal.run('send-keys', '-t', 'person:', 'x');
      return (await tmux.run('display-message', '-p', '-t', 'cockpit-keep:', '#{session_activity}')) !== before;
    }, { what: 'tmux counts whole seconds' });
    await keeper.look();
    assert.equal(idleMs(), 0);
    assert.match(says(), /you write$/);
    await owned('human'); // off by default: it stays claimed
  });

  it('OWN-10 claim_timeout releases an unused claim by itself, and a used one never', async () => {
    timeoutMs = 600_000;
    await keeper.look();
    nowMs += 599_000;
    await keeper.look();
    assert.equal(supervisor.fleet.focus, 'remote');
    nowMs += 1_000;
    await keeper.look();
    await owned('agent');
    assert.equal(supervisor.fleet.focus, 'agent');
    assert.match(await tmux.run('display-message', '-p', '-t', 'cockpit-keep:', '#{@cockpit_owner}'), /^agent:/);
  });
});
