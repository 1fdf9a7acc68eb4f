import assert from 'node:assert/strict';
import { appendFileSync, readFileSync } from 'node:fs';
import { createShell } from '../../../src/supervisor/adapters/shell/createShell.ts';
import type { Shell } from '../../../src/supervisor/adapters/shell/shell.ts';
import { displayMessage } from '../../../src/supervisor/adapters/tmux/commands/paneCommands.ts';
import { nullLogger } from '../../../src/supervisor/base/logger.ts';
import type { SessionId } from '../../../src/supervisor/domain/ids.ts';
import { observeLink, percentiles, type ObservedLink } from '../../support/hostLinkFixture.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';

describe('host link: screens', () => {
  let tmux: TmuxFixture;
  let shell: Shell;
  let observed: ObservedLink;

  beforeEach(async () => {
    tmux = await startTmux();
    shell = createShell({ alias: 'box', sshTarget: 'box', transport: 'local', tmuxSocket: tmux.socket, forwardAgent: false, wake: true, approvals: 'bypass', remoteAuth: 'ask', claimOnAnyKey: false, codexConfig: {} }, { mastersDir: tmux.dir, sshAuthSock: null, logger: nullLogger });
    observed = observeLink(shell, tmux.socket);
    await observed.online();
    await until(async () => (await tmux.run('show-options', '-s')).includes('@cockpit_client_'));
  });
  afterEach(async () => {
    observed.link.dispose();
    shell.dispose();
    await tmux.stop();
  });

  /** A session in which each line of input is printed once more. */
  async function session(name: string, command?: string): Promise<SessionId> {
    const { id } = await tmux.newSession(name, command);
    await until(() => observed.link.screen(id), { what: 'the first screen' });
    return id;
  }

  async function watched(name: string, command?: string): Promise<SessionId> {
    const id = await session(name, command);
    observed.link.watch(id);
    await until(async () => (await tmux.run('list-clients', '-F', '#{session_name} #{client_flags}')).includes(`${name} `), { what: 'the watch channel' });
    await until(async () => (await tmux.run('show-options', '-s')).split('@cockpit_client_').length >= 3);
    return id;
  }

  const screenFacts = (id: SessionId) => observed.facts.filter((fact) => fact.kind === 'screen').filter((fact) => fact.id === id);

  it('REL-4 a change of a watched screen is known at once', async () => {
    const tty = await tmux.run('display-message', '-p', '-t', await watched('cockpit-w'), '#{pane_tty}');
    const id = observed.sessions().find((one) => one.name === 'cockpit-w')?.id ?? '$0';
    const figures: number[] = [];
    for (let round = 0; round < 40; round += 1) {
      const word = `mark${round}.`;
      const seen = new Promise<number>((resolve) => {
        const listening = observed.link.onDidScreenChange((changed) => {
          if (changed !== id || !observed.link.screen(id)?.text.includes(word)) return;
          listening.dispose();
          resolve(performance.now());
        });
      });
      const startMs = performance.now();
      appendFileSync(tty, `${word}\r\n`);
      figures.push((await seen) - startMs);
      // Out of the gap between two reads of a screen that changes all the time.
      await until(() => performance.now() - startMs > 40);
    }
    const { median, p95, max } = percentiles(figures);
    console.log(`      text in a watched pane: median ${median} ms, p95 ${p95} ms, max ${max} ms`);
    assert.ok(median <= 5, `${median} ms`);
    assert.ok(p95 <= 50, `${p95} ms`);
  });

  it('MCP-6 settles once on several changes, and tells it as a fact', async () => {
    const id = await watched('cockpit-w');
    await until(() => screenFacts(id).length > 0);
    const settled: string[] = [];
    observed.link.onDidSettle((one) => {
      if (one === id) settled.push(observed.link.screen(id)?.text ?? '');
    });
    const before = observed.link.screen(id)?.settledSeq ?? 0;
    for (const key of ['a', 'b', 'c', 'Enter']) await tmux.run('send-keys', '-t', id, key);
    await until(() => settled.length > 0);
    assert.deepEqual(settled, ['abc\nabc']);
    assert.equal(observed.link.screen(id)?.settledSeq, before + 1);
    const fact = screenFacts(id).at(-1);
    assert.deepEqual([fact?.text, fact?.command], ['abc\nabc', 'cat']);
  });

  it('MCP-6 a spinner and a timer are no activity, a resize neither', async () => {
    const spin = 'printf "some words that stay on the screen while it turns around and around\\n"; i=0; while :; do i=$((i+1)); printf "\\r* Working (%ds - esc to interrupt) " $i; sleep 0.05; done';
    const id = await watched('cockpit-w', spin.replace('*', '•').replace(' - ', ' • '));
    await until(() => screenFacts(id).some((fact) => fact.text.includes('Working')));
    const count = screenFacts(id).length;
    const text = observed.link.screen(id)?.text;
    await tmux.run('resize-window', '-t', id, '-x', '40', '-y', '20');
    await until(() => observed.link.screen(id)?.width === 40 && observed.link.screen(id)?.text !== text);
    const resizedMs = performance.now();
    await until(() => performance.now() - resizedMs > 2_300);
    assert.equal(screenFacts(id).length, count, JSON.stringify(screenFacts(id).slice(count)));
  });

  it('STATE-2 the screen and title of an unwatched session are known within 1.1 s', async function () {
    this.timeout(60_000);
    const ids = [await session('cockpit-u1'), await session('cockpit-u2')];
    const figures: number[] = [];
    const titles: number[] = [];
    for (let round = 0; round < 6; round += 1) {
      const id = ids[round % 2] ?? '$0';
      const startMs = performance.now();
      await tmux.run('send-keys', '-t', id, `round${round}`);
      await until(() => observed.link.screen(id)?.text.includes(`round${round}`), { timeoutMs: 3_000 });
      figures.push(performance.now() - startMs);
      const titleMs = performance.now();
      await tmux.run('select-pane', '-t', id, '-T', `⠸ title;$1=%${round}`);
      await until(() => screenFacts(id).some((fact) => fact.title.endsWith(`title;$1=%${round}`)), { timeoutMs: 3_000 });
      titles.push(performance.now() - titleMs);
    }
    console.log(`      unwatched: text max ${percentiles(figures).max} ms, title max ${percentiles(titles).max} ms`);
    // tmux looks once a second; the rest is the machine's.
    assert.ok(Math.max(...figures, ...titles) <= 1_300, JSON.stringify([figures, titles]));
  });

  it('MCP-6 two redraws in one second that look alike to tmux are told apart by a second look', async () => {
    const id = await session('cockpit-u', "stty -echo; while read -r line; do printf '\\033[H%s' \"$line\"; done");
    await until(() => screenFacts(id).length > 0);
    // Both redraws must fall into one second of the wall clock, with tmux's look between them.
    await until(() => Date.now() % 1000 < 50);
    await tmux.run('send-keys', '-t', id, 'aaaa', 'Enter');
    await until(() => observed.link.screen(id)?.text === 'aaaa');
    await tmux.run('send-keys', '-t', id, 'bbbb', 'Enter');
    await until(() => observed.link.screen(id)?.text === 'bbbb', { timeoutMs: 2_500 });
  });

  it('a fresh capture with history does not disturb what is kept', async () => {
    const id = await session('cockpit-h', 'seq 1 100; exec cat');
    await until(() => observed.link.screen(id)?.text.endsWith('\n100'));
    const long = await observed.link.capture(id, 50);
    assert.ok(long.text.split('\n').length > 60 && long.text.endsWith('\n100'));
    assert.equal(observed.link.screen(id)?.text.split('\n').length, 23);
    assert.deepEqual([long.width, long.height], [80, 24]);
    await assert.rejects(observed.link.capture('$999'), { code: 'no-session' });
  });

  it('REL-4 a flood grows neither end, nor delays the commands of others', async function () {
    this.timeout(60_000);
    const quiet = await session('cockpit-quiet');
    const id = await watched('cockpit-w', "sh -c 'read x; exec yes some-text-of-a-flood | cat -n'");
    const serverPid = Number(await tmux.run('display-message', '-p', '#{pid}'));
    const rssOf = (pid: number | 'self') => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
    const own = rssOf('self');
    await tmux.run('send-keys', '-t', id, 'go', 'Enter');
    await until(() => observed.link.screen(id)?.text.includes('some-text'));
    const startMs = performance.now();
    const peaks = { own: 0, server: 0 };
    const commands: number[] = [];
    let reads = 0;
    const counting = observed.link.onDidScreenChange((one) => { if (one === id) reads += 1; });
    while (performance.now() - startMs < 3_000) {
      const askedMs = performance.now();
      await observed.link.request(displayMessage(quiet, '#{session_name}'));
      commands.push(performance.now() - askedMs);
      peaks.own = Math.max(peaks.own, rssOf('self') - own);
      peaks.server = Math.max(peaks.server, rssOf(serverPid));
      await until(() => performance.now() - askedMs > 15);
    }
    counting.dispose();
    const { median, p95, max } = percentiles(commands);
    console.log(`      flood of 3 s: own growth ${peaks.own.toFixed(1)} MB, tmux server ${peaks.server.toFixed(1)} MB; command median ${median} ms, p95 ${p95} ms, max ${max} ms; ${reads} screen changes`);
    assert.ok(peaks.own < 64 && peaks.server < 64, JSON.stringify(peaks));
    assert.ok(p95 < 50, `${p95} ms`);
    assert.ok(reads >= 8, `${reads} screen changes in 3 s: the watch sleeps`);
    await tmux.run('send-keys', '-t', id, 'C-c');
    await until(() => !observed.names().includes('cockpit-w'), { what: 'the flood ended' });
  });

  it('REL-4 a pane that tmux paused goes on, from a fresh read', async () => {
    const id = await watched('cockpit-w');
    const client = (await tmux.run('list-clients', '-F', '#{client_flags}#{client_name}')).split('\n').find((line) => line.includes('pause-after'))?.replace(/^.*\d(?=client-)|^.*(?=client-)/, '') ?? '';
    const paneId = observed.sessions().find((one) => one.id === id)?.paneId ?? '';
    await tmux.run('refresh-client', '-t', client, '-A', `${paneId}:pause`);
    await tmux.run('send-keys', '-t', id, 'in-the-pause');
    await until(() => observed.link.screen(id)?.text.includes('in-the-pause'), { timeoutMs: 700 });
    await tmux.run('send-keys', '-t', id, '.after');
    await until(() => observed.link.screen(id)?.text.includes('.after'), { timeoutMs: 700 });
  });

  it('REL-4 one watch too many falls back to the subscription, and takes a free place', async () => {
    const ids = [await session('cockpit-1'), await session('cockpit-2'), await session('cockpit-3')];
    const watches = ids.map((id) => observed.link.watch(id));
    const attached = async () => (await tmux.run('list-clients', '-F', '#{session_id} #{client_flags}')).split('\n').filter((line) => line.includes('pause-after')).map((line) => line.split(' ')[0]);
    await until(async () => (await attached()).length === 2, { what: 'two watch channels' });
    assert.deepEqual((await attached()).sort(), ids.slice(0, 2));
    await tmux.run('send-keys', '-t', ids[2] ?? '', 'typed');
    await until(() => observed.link.screen(ids[2] ?? '$0')?.text.includes('typed'), { timeoutMs: 2_500 });
    watches[0]?.dispose();
    await until(async () => (await attached()).includes(ids[2]), { what: 'the third has a channel', timeoutMs: 6_000 });
  });

  it('a watch goes on when its session comes back in a new tmux server', async () => {
    observed.link.watch('$0');
    await until(async () => (await tmux.run('list-clients')).split('\n').length === 2);
    await tmux.run('kill-server');
    await until(() => observed.last('host-sessions')?.server === null);
    await until(() => tmux.newSession('cockpit-keep'));
    await until(async () => (await tmux.run('list-clients')).split('\n').length === 2, { what: 'main and watch channel', timeoutMs: 8_000 });
  });
});
