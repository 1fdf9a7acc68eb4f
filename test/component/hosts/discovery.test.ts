import assert from 'node:assert/strict';
import { createShell } from '../../../src/supervisor/adapters/shell/createShell.ts';
import type { Shell } from '../../../src/supervisor/adapters/shell/shell.ts';
import { markClient } from '../../../src/supervisor/adapters/tmux/commands/clientCommands.ts';
import { ControlChannel } from '../../../src/supervisor/adapters/tmux/controlChannel.ts';
import { nullLogger } from '../../../src/supervisor/base/logger.ts';
import { observeLink, percentiles, type ObservedLink } from '../../support/hostLinkFixture.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';

describe('host link: discovery', () => {
  let tmux: TmuxFixture;
  let shell: Shell;
  let links: ObservedLink[];

  beforeEach(async () => {
    tmux = await startTmux();
    shell = createShell({ alias: 'box', sshTarget: 'box', transport: 'local', tmuxSocket: tmux.socket, forwardAgent: false, wake: true, approvals: 'bypass', remoteAuth: 'ask', claimOnAnyKey: false, codexConfig: {} }, { mastersDir: tmux.dir, sshAuthSock: null, logger: nullLogger });
    links = [];
  });
  afterEach(async () => {
    for (const observed of links) observed.link.dispose();
    shell.dispose();
    await tmux.stop();
  });

  async function connected(more: Parameters<typeof observeLink>[2] = {}): Promise<ObservedLink> {
    const observed = observeLink(shell, tmux.socket, more);
    links.push(observed);
    await observed.online();
    return observed;
  }

  /** Connected, with the control channel open: the client counts as attached. */
  async function pushed(more: Parameters<typeof observeLink>[2] = {}): Promise<ObservedLink> {
    const observed = await connected({ pollIntervalMs: 60_000, ...more });
    await until(async () => (await tmux.run('show-options', '-s')).includes('@cockpit_client_'), { what: 'a marked control client' });
    await until(() => observed.sessions().some((session) => session.attached > 0), { what: 'the listing of the channel' });
    return observed;
  }

  it('CONF-5 DISC-3 tells link, machine and managed sessions', async () => {
    await tmux.newSession('other');
    const observed = await connected();
    const machine = await until(() => observed.last('host-machine'));
    assert.deepEqual(observed.facts.slice(0, 2).map((fact) => fact.kind === 'host-link' && fact.link), ['connecting', 'online']);
    assert.deepEqual(observed.names(), ['cockpit-keep']);
    assert.ok(machine.machine.hostname !== '' && machine.machine.os !== '' && machine.machine.cpus > 0 && machine.machine.ramBytes > 1e8, JSON.stringify(machine));
    assert.match(machine.tmuxVersion ?? '', /^\d+\.\d+/);
  });

  it('DISC-2 new, renamed and killed sessions are known by push', async function () {
    this.timeout(60_000);
    const observed = await pushed();
    const figures: Record<string, number[]> = { new: [], renamed: [], killed: [] };
    const measure = async (what: string, command: string[], done: () => boolean) => {
      const ran = tmux.run(...command).then(() => performance.now());
      await until(done, { what: `${what} is known`, timeoutMs: 5_000 });
      // From the end of the client that asked for it; the figure is negative when the push was sooner.
      figures[what]?.push((observed.last('host-sessions')?.atMs ?? NaN) - (await ran));
    };
    for (let round = 0; round < 40; round += 1) {
      const name = `cockpit-r${round}`;
      await measure('new', ['new-session', '-d', '-s', name, 'exec cat'], () => observed.names().includes(name));
      await measure('renamed', ['rename-session', '-t', `=${name}`, `${name}-b`], () => observed.names().includes(`${name}-b`));
      await measure('killed', ['kill-session', '-t', `=${name}-b`], () => !observed.names().includes(`${name}-b`));
    }
    for (const [what, list] of Object.entries(figures)) {
      const { median, p95, max } = percentiles(list);
      console.log(`      ${what}: median ${median} ms, p95 ${p95} ms, max ${max} ms after the tmux client ended`);
      // The target is 10 ms (`npm run bench -- sessions`); here a push is told from a poll on a busy machine.
      assert.ok(p95 <= 40, `${what}: p95 ${p95} ms`);
    }
  });

  it('DISC-2 the end of the session that the channel is attached to is known too, and push goes on', async function () {
    this.timeout(60_000);
    const observed = await pushed();
    const figures: number[] = [];
    for (let round = 0; round < 15; round += 1) {
      await tmux.newSession(`cockpit-n${round}`);
      await until(() => observed.sessions().length === 2);
      const victim = (await tmux.run('list-clients', '-F', '#{session_id}')).split('\n')[0] ?? '';
      const ran = tmux.run('kill-session', '-t', victim).then(() => performance.now());
      await until(() => observed.sessions().length === 1, { timeoutMs: 5_000 });
      figures.push((observed.last('host-sessions')?.atMs ?? NaN) - (await ran));
      await until(async () => (await tmux.run('list-clients', '-F', '#{session_name}')) === `cockpit-n${round}`, { what: 'the channel moved' });
    }
    const { median, p95 } = percentiles(figures);
    console.log(`      attached session killed: median ${median} ms, p95 ${p95} ms`);
    assert.ok(median <= 50, `${median} ms`);
  });

  it('DISC-3 a session renamed away is left alone, and so is its client', async () => {
    const observed = await pushed();
    await tmux.run('rename-session', '-t', '$0', 'mine');
    await until(() => observed.names().length === 0);
    await until(async () => (await tmux.run('list-clients')) === '', { what: 'no client of ours is left' });
    await tmux.run('rename-session', '-t', '$0', 'cockpit-again');
    await observed.link.refresh();
    assert.deepEqual(observed.names(), ['cockpit-again']);
  });

  it('DISC-6 a killed tmux server leaves no sessions and an open link; DISC-5 a new one with the same id is another life, and found long before the usual listing', async () => {
    const observed = await pushed();
    const before = observed.last('host-sessions');
    const startedMs = performance.now();
    await tmux.run('kill-server');
    const gone = await until(() => [observed.last('host-sessions')].find((fact) => fact?.server === null));
    console.log(`      killed server known after ${Math.round(gone.atMs - startedMs)} ms`);
    assert.deepEqual(gone.sessions, []);
    assert.equal(observed.last('host-link')?.link, 'online');
    const again = await until(() => tmux.newSession('cockpit-keep'));
    await until(() => observed.sessions().length === 1);
    const after = observed.last('host-sessions');
    assert.equal(again.id, '$0');
    assert.equal(after?.sessions[0]?.id, before?.sessions[0]?.id);
    assert.notEqual(after?.server?.pid, before?.server?.pid);
    await until(() => observed.link.screen('$0'), { what: 'its screen was read' });
  });

  it('DISC-2 DISC-6 on a host without tmux server the first session is found by asking, and then pushed', async () => {
    await tmux.run('kill-server');
    const observed = await connected({ pollIntervalMs: 200 });
    assert.deepEqual([observed.last('host-sessions')?.server, observed.names()], [null, []]);
    await until(() => tmux.newSession('cockpit-first'));
    await until(() => observed.names().includes('cockpit-first'), { timeoutMs: 3_000 });
    await until(async () => (await tmux.run('list-clients', '-F', '#{client_control_mode}')) === '1', { what: 'the control channel' });
  });

  it('DISC-2 asking finds new, renamed and killed sessions, screens and requests (tmux before 3.2)', async () => {
    const observed = await connected({ forceAsking: true, pollIntervalMs: 150 });
    const { id } = await tmux.newSession('cockpit-a', "printf 'hello\\n'; exec cat");
    await until(() => observed.names().includes('cockpit-a'));
    await until(() => observed.facts.some((fact) => fact.kind === 'screen' && fact.id === id && fact.text.startsWith('hello')));
    await tmux.run('rename-session', '-t', id, 'cockpit-b');
    await until(() => observed.names().includes('cockpit-b'));
    await tmux.run('send-keys', '-t', id, 'typed');
    await until(() => observed.link.screen(id)?.text.includes('typed'));
    await tmux.run('kill-session', '-t', id);
    await until(() => !observed.names().includes('cockpit-b'));
  });

  it('DISC-2 the reconcile is a net: what no push told is found', async () => {
    const observed = await connected({ pollIntervalMs: 200 });
    await tmux.run('set-option', '-t', '$0', '@cockpit_owner', 'human:elsewhere');
    await until(() => observed.sessions()[0]?.mark.owner === 'human:elsewhere', { timeoutMs: 2_000 });
  });

  it('DISC-3 hostile names stay names', async () => {
    const observed = await pushed();
    const names = ['cockpit-\t|;$(touch x)`', "cockpit-'\"\\ #{pid} ##(x)", 'cockpit-%end 1 2 3', 'cockpit-ünïcödé 漢字', `cockpit-${'x'.repeat(300)}`];
    for (const [at, name] of names.entries()) {
      const { id } = await tmux.newSession(`cockpit-h${at}`);
      await tmux.run('set-option', '-t', id, '@n', name);
      await tmux.run('rename-session', '-t', id, '#{@n}');
    }
    const real = (await tmux.run('list-sessions', '-F', '#{session_id}')).split('\n').length;
    await until(() => observed.sessions().length === real && observed.names().some((name) => name.includes('漢字')));
    for (const part of ['$(touch x)`', '#{pid} ##(x)', '%end 1 2 3', 'x'.repeat(300)]) assert.ok(observed.names().some((name) => name.includes(part)), part);
    await until(() => observed.sessions().every((session) => observed.link.screen(session.id)), { what: 'all screens are read' });
  });

  it('DISC-9 the control target follows the active pane', async () => {
    const observed = await pushed();
    const paneId = await tmux.run('split-window', '-P', '-F', '#{pane_id}', '-t', '$0', "printf 'second pane\\n'; exec cat");
    await until(() => observed.sessions()[0]?.paneId === paneId, { timeoutMs: 1_000 });
    await until(() => observed.link.screen('$0')?.text.startsWith('second pane'));
  });

  it('REL-1 control clients that an earlier life of this install left are detached, others stay', async () => {
    await shell.connect();
    const attach = async (mark: string) => {
      const channel = await ControlChannel.open(shell, { tmuxSocket: tmux.socket, target: '$0', flags: [] });
      await channel.request(markClient(mark));
      return channel;
    };
    const [orphan, foreign] = [await attach('inst.before'), await attach('other.before')];
    const ended = new Promise((resolve) => orphan.onDidClose(resolve));
    let foreignEnded = false;
    foreign.onDidClose(() => { foreignEnded = true; });
    const observed = await pushed();
    await ended;
    await until(async () => (await tmux.run('list-clients')).split('\n').length === 2);
    assert.equal(foreignEnded, false);
    foreign.dispose();
    assert.ok(observed.link.isOnline);
  });

  it('REL-1 nothing of ours is left after dispose', async () => {
    const observed = await pushed();
    const watch = observed.link.watch('$0');
    await until(async () => (await tmux.run('list-clients')).split('\n').length === 2, { what: 'both channels' });
    observed.link.dispose();
    watch.dispose();
    await until(async () => (await tmux.run('list-clients')) === '', { what: 'no client', timeoutMs: 2_000 });
    const count = observed.facts.length;
    await tmux.newSession('cockpit-late');
    await until(async () => (await tmux.run('list-sessions')).includes('late'));
    assert.equal(observed.facts.length, count);
    assert.equal(observed.link.isOnline, false);
    await assert.rejects(observed.link.capture('$0'), { code: 'link-lost' });
  });
});
