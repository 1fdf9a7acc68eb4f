import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { endServers } from '../../../src/supervisor/adapters/tmux/local/endServers.ts';
import { until } from '../../support/until.ts';
import { openTerminalFixture, tmux, type TerminalFixture } from './terminalFixture.ts';

describe('terminal layout', () => {
  let f: TerminalFixture;
  beforeEach(async () => {
    f = await openTerminalFixture();
  });
  afterEach(async () => {
    await f.close();
  });

  for (const [columns, rows] of [[80, 24], [220, 60]] as const) {
    it(`PAIR-4 one window per host, viewer above, agent below, status line, at ${columns}x${rows}`, async () => {
      await f.usual();
      await f.outer.setStatus({ left: 'ai/cockpit-main  you own it  focus remote', right: 'Wake remote  F1 host F2 session F3 focus F5 wake F12 down' });
      const terminal = await f.terminal(columns, rows);
      const screen = await until(async () => {
        const text = await terminal.screen();
        return text.includes('REMOTE main') && text.includes('AGENT ai~1') ? text : null;
      });
      const lines = screen.split('\n');
      const at = (text: string) => lines.findIndex((line) => line.includes(text));
      assert.equal(at('>> remote ai <<'), 0);
      assert.equal(at('REMOTE main'), 1);
      assert.ok(at('agent ai') > at('REMOTE main'));
      assert.equal(at('AGENT ai~1'), at('agent ai') + 1);
      assert.ok(at('agent ai') >= rows * 0.45 && at('agent ai') <= rows * 0.65, 'the halves are about equal');
      assert.match(lines[rows - 1] ?? '', columns === 80 ? /^ ai\/cockpit-mai\.\.  focus remote \|\[ai !2\] gpu .*\| Wake remote  F1 host F2\.\.$/ : /^ ai\/cockpit-main  you own it  focus remote \|\[ai !2\] gpu .*\| Wake remote  F1 host .*F12 down$/);
    });
  }

  it('PAIR-4 without colours the screen says the same', async () => {
    await f.close();
    f = await openTerminalFixture({ ...process.env, NO_COLOR: '1' });
    await f.usual();
    await tmux(f.remote, 'set-option', '-g', 'status', 'off');
    await f.outer.setStatus({ left: 'ai', right: 'Wake off' });
    const terminal = await f.terminal(80, 24);
    const styled = await until(async () => {
      const text = await terminal.screen({ styles: true });
      return text.includes('Wake off') && text.includes('AGENT ai~1') ? text : null;
    });
    // eslint-disable-next-line no-control-regex -- colours are escape sequences
    assert.doesNotMatch(styled, /\u001b\[(\d+;)*(3[0-7]|4[0-7]|38|48|9[0-7])(;\d+)*m/);
    const plain = await terminal.screen();
    assert.match(plain, />> remote ai <</);
    assert.match(plain, /\[ai !2\]/);
  });

  it('PAIR-1 one viewer session per host with a window per remote session, one agent session per remote session', async () => {
    await f.usual();
    assert.equal(await tmux(f.paths.viewerTmux, 'list-windows', '-a', '-F', '#{session_name} #{@cockpit_host} #{window_name} #{window_panes}'),
      'h-ai ai cockpit-main 1\nh-ai ai cockpit-two 1\nh-gpu gpu gpu 1\nkeep  tail 1');
    assert.equal(await tmux(f.paths.agentTmux, 'list-sessions', '-F', '#{session_name} #{session_windows}'), 'a-ai~1 1\na-ai~2 1\nkeep 1\np-ai 1\np-gpu 1'.replaceAll('~', '=7e'));
    assert.equal(await tmux(f.paths.outerTmux, 'list-sessions', '-F', '#{session_name}'), 'cockpit');
  });

  it('PAIR-2 a new supervisor finds everything as it was and restarts nothing', async () => {
    const { main, two } = await f.usual();
    await f.outer.select('ai', 'agent');
    await f.agent.show('ai', 'ai~2');
    const terminal = await f.terminal(80, 24);
    await until(async () => (await terminal.screen()).includes('AGENT ai~2'));
    const processes = () => Promise.all([f.paths.viewerTmux, f.paths.agentTmux, f.paths.outerTmux].map((socket) => tmux(socket, 'list-panes', '-a', '-F', '#{pane_id} #{pane_pid}')));
    const before = await processes();
    const [viewer, agent, outer] = f.secondSupervisor();
    try {
      await viewer.apply([f.host('ai', [main, two]), f.host('gpu', [])]);
      await outer.apply([{ alias: 'ai', needs: 2 }, { alias: 'gpu', needs: 0 }]);
      await agent.apply([f.agentPane('ai', 'ai~1'), f.agentPane('ai', 'ai~2')], [{ alias: 'gpu', note: 'No agents on gpu yet.' }]);
      assert.deepEqual(await processes(), before);
      await until(async () => {
        const screen = await terminal.screen();
        return screen.includes('AGENT ai~2') && screen.includes('>> agent ai <<');
      });
    } finally {
      for (const server of [viewer, agent, outer]) server.dispose();
    }
  });

  it('PAIR-6 an empty host shows placeholders on both halves', async () => {
    await f.usual();
    const terminal = await f.terminal(80, 24);
    await f.outer.select('gpu', 'agent');
    await until(async () => {
      const text = await terminal.screen();
      return text.includes('gpu has no cockpit sessions.') && text.includes('No agents on gpu yet.') && text.includes('>> agent gpu <<');
    });
  });

  it('PAIR-5 sessions and hosts come and go; what stays is not touched', async () => {
    const { main, two } = await f.usual();
    const pids = async () => tmux(f.paths.viewerTmux, 'list-panes', '-a', '-F', '#{window_name} #{pane_pid}');
    const before = await pids();
    await f.viewer.apply([f.host('ai', [main, two]), f.host('gpu', [])]);
    assert.equal(await pids(), before);
    const three = await f.remoteSession('cockpit-three', 'echo "REMOTE three"; exec cat');
    await f.viewer.apply([f.host('ai', [main, { ...two, name: 'cockpit-renamed' }]), f.host('gpu', [three])]);
    const after = await pids();
    assert.equal(after.match(/cockpit-main (\d+)/)?.[1], before.match(/cockpit-main (\d+)/)?.[1]);
    assert.ok(after.includes('cockpit-renamed') && after.includes('cockpit-three') && !/^gpu /m.test(after), after);
    await f.viewer.apply([f.host('gpu', [])]);
    await f.agent.apply([], [{ alias: 'gpu', note: 'none' }]);
    await f.outer.apply([{ alias: 'gpu', needs: 0 }]);
    assert.deepEqual(await sessions(f.paths.viewerTmux), ['h-gpu', 'keep']);
    assert.deepEqual(await sessions(f.paths.agentTmux), ['keep', 'p-gpu']);
    assert.equal(await tmux(f.paths.outerTmux, 'list-windows', '-t', '=cockpit', '-F', '#{window_index} #{window_name}'), '1 gpu');
    await f.outer.apply([{ alias: 'new', needs: 0 }, { alias: 'gpu', needs: 0 }, { alias: 'ai', needs: 1 }]);
    assert.equal(await tmux(f.paths.outerTmux, 'list-windows', '-t', '=cockpit', '-F', '#{window_index} #{window_name}'), '1 new\n2 gpu\n3 ai');
    await f.outer.apply([]);
    assert.equal(await tmux(f.paths.outerTmux, 'list-windows', '-t', '=cockpit', '-F', '#{window_name}'), 'no hosts');
  });

  it('PAIR-1 viewers past the eighth of a host start when they are first shown', async () => {
    const many = [];
    for (let n = 1; n <= 10; n += 1) many.push(await f.remoteSession(`cockpit-${n}`, 'exec cat'));
    await f.viewer.apply([f.host('ai', many)]);
    const count = async () => (await tmux(f.paths.viewerTmux, 'list-windows', '-t', '=h-ai')).split('\n').length;
    assert.equal(await count(), 8);
    await f.viewer.show('ai', many[9]?.id ?? null);
    assert.equal(await count(), 9);
    assert.equal(await tmux(f.paths.viewerTmux, 'display-message', '-p', '-t', '=h-ai:', '#{window_name}'), 'cockpit-10');
    await f.viewer.show('ai', many[0]?.id ?? null);
    assert.equal(await count(), 9);
  });

  it('PAIR-2 an agent gets its environment and folder, and nothing else', async () => {
    const script = 'env | grep -v -e ^_= -e ^OLDPWD= | sort; pwd; exec cat';
    await f.agent.apply([f.agentPane('ai', 'k', script)], []);
    const shown = await until(async () => {
      const text = (await tmux(f.paths.agentTmux, 'capture-pane', '-p', '-J', '-t', '=a-k:')).trim();
      return text.endsWith(f.dir) ? text : null;
    });
    const names = shown.split('\n').filter((line) => line.includes('=')).map((line) => line.split('=')[0]);
    assert.deepEqual(names, ['COLORTERM', 'ONLY', 'PATH', 'PWD', 'TERM']);
  });

  it('PAIR-1 hostile labels run nothing and are shown as they are', async () => {
    const hostile = [`#(touch ${f.dir}/h1)`, `;touch ${f.dir}/h2`, '<b>', `$(touch ${f.dir}/h3)`, '#[fg=red]', "';kill-server;'", '\u001b[2Jx\ny', '%H#{pid}', '-t', '@1'];
    const session = await f.remoteSession('cockpit-x', 'exec cat');
    await f.viewer.apply(hostile.map((text) => ({ alias: text, note: text, sessions: text.startsWith('#') ? [{ ...session, name: text }] : [] })));
    await f.agent.apply(hostile.map((text) => ({ ...f.agentPane(text, text, 'exec cat'), label: text })), hostile.map((text) => ({ alias: text, note: text })));
    await f.outer.apply(hostile.map((alias) => ({ alias, needs: 1 })));
    const terminal = await f.terminal(220, 60);
    for (const text of hostile) {
      await f.outer.setStatus({ left: text, right: text });
      await f.outer.select(text, 'agent');
      await f.viewer.show(text, null);
      await f.agent.show(text, text);
    }
    const wanted = '| @1';
    const last = await until(async () => (await terminal.screen()).split('\n').find((line) => line.includes(wanted)));
    for (const text of ['<b>', '#(touch', '$(touch', '#[fg=red]', '%H#{pid}']) assert.ok(last.includes(text) || last.includes('<'), `${text} in ${last}`);
    const names = await tmux(f.paths.outerTmux, 'list-windows', '-t', '=cockpit', '-F', '#{window_name}');
    assert.ok(names.includes(`#(touch ${f.dir}/h1)`) && names.includes('%H#{pid}'), names);
    assert.deepEqual((await readdir(f.dir)).filter((name) => /^h\d$/.test(name)), []);
  });

  it('PAIR-7 down ends exactly the three servers', async () => {
    await f.usual();
    const elsewhere = join(f.dir, 'remote.tmux');
    f.outer.dispose();
    f.viewer.dispose();
    f.agent.dispose();
    await endServers(f.paths);
    for (const socket of [f.paths.viewerTmux, f.paths.agentTmux, f.paths.outerTmux]) await assert.rejects(tmux(socket, 'list-sessions'), /no server running|No such file/);
    assert.ok((await sessions(elsewhere)).includes('cockpit-main'), 'remote sessions go on');
    await endServers(f.paths);
  });

  it('PAIR-1 the own tmux of the person is never contacted', async () => {
    await f.close();
    const home = await mkdtemp(join(tmpdir(), 'ck-'));
    const folder = join(home, `tmux-${userInfo().uid}`);
    await mkdir(folder, { mode: 0o700 });
    const own = join(folder, 'default');
    let contacts = 0;
    const listener = createServer((socket) => {
      contacts += 1;
      socket.destroy();
    });
    await once(listener.listen(own), 'listening');
    const before = { TMUX: process.env['TMUX'], TMUX_TMPDIR: process.env['TMUX_TMPDIR'] };
    process.env['TMUX'] = `${own},1,0`;
    process.env['TMUX_TMPDIR'] = home;
    try {
      f = await openTerminalFixture();
      await f.usual();
      const terminal = await f.terminal(80, 24);
      await until(async () => (await terminal.screen()).includes('AGENT ai~1'));
      await tmux(f.paths.viewerTmux, 'kill-server');
      await until(async () => (await sessions(f.paths.viewerTmux)).includes('h-ai'));
      assert.equal(contacts, 0);
    } finally {
      listener.close();
      for (const [name, value] of Object.entries(before)) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
      await rm(home, { recursive: true, force: true });
    }
  });
});

async function sessions(socket: string): Promise<string[]> {
  return (await tmux(socket, 'list-sessions', '-F', '#{session_name}')).split('\n');
}
