import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KeyFifo, type KeyWord } from '../../../src/supervisor/adapters/tmux/local/keyFifo.ts';
import type { TerminalFocus } from '../../../src/supervisor/adapters/tmux/local/outerServer.ts';
import { nullLogger } from '../../../src/supervisor/base/logger.ts';
import { until } from '../../support/until.ts';
import { openTerminalFixture, tmux, type Terminal, type TerminalFixture } from './terminalFixture.ts';

describe('keys and focus of the terminal', () => {
  let f: TerminalFixture;
  let fifo: KeyFifo;
  let terminal: Terminal;
  let sessions: Awaited<ReturnType<TerminalFixture['usual']>>;
  const pressed: KeyWord[] = [];
  const focused: TerminalFocus[] = [];
  before(async () => {
    f = await openTerminalFixture();
    fifo = await KeyFifo.open(f.paths.keyFifo, nullLogger);
    fifo.onDidPress((word) => pressed.push(word));
    f.outer.onDidFocus((focus) => focused.push(focus));
    sessions = await f.usual();
    terminal = await f.terminal(100, 30);
    await until(async () => (await terminal.screen()).includes('AGENT ai~1'));
  });
  beforeEach(async () => {
    await f.outer.select('ai', 'remote');
    await f.viewer.show('ai', sessions.main.id);
    await until(async () => (await terminal.screen()).includes('>> remote ai <<'));
    pressed.length = 0;
    focused.length = 0;
  });
  after(async () => {
    fifo.dispose();
    await f.close();
  });

  const keys: [string, string, KeyWord][] = [
    ['F1', '\u001bOP', 'next-host'],
    ['Shift-F1', '\u001b[1;2P', 'previous-host'],
    ['F2', '\u001bOQ', 'next-session'],
    ['Shift-F2', '\u001b[1;2Q', 'previous-session'],
    ['F3', '\u001bOR', 'toggle-focus'],
    ['F5', '\u001b[15~', 'toggle-wake'],
  ];
  it('KEY-1 each key reaches the supervisor within 50 ms, without starting Node', async () => {
    const tookMs: number[] = [];
    for (const [name, bytes, word] of keys) {
      pressed.length = 0;
      const typed = performance.now();
      const listening = fifo.onDidPress(() => tookMs.push(performance.now() - typed));
      await terminal.type(bytes);
      await until(() => pressed.includes(word), { what: name });
      listening.dispose();
      assert.deepEqual(pressed, [word]);
    }
    console.log(`      key to supervisor, with the start of the typing tmux: median ${median(tookMs).toFixed(1)} ms, max ${Math.max(...tookMs).toFixed(1)} ms`);
    assert.ok(median(tookMs) < 50, String(tookMs));
    const remote = await terminal.screen();
    assert.ok(!remote.includes('^[O'), 'no key went on to the remote');
  });

  it('KEY-1 F12 asks first', async () => {
    await terminal.type('\u001b[24~');
    await until(async () => (await terminal.screen()).includes('take the cockpit down? remote sessions go on (y/n)'));
    await terminal.type('n');
    await until(async () => !(await terminal.screen()).includes('(y/n)'));
    await terminal.type('\u001b[24~');
    await until(async () => (await terminal.screen()).includes('(y/n)'));
    assert.deepEqual(pressed, []);
    await terminal.type('y');
    await until(() => pressed.length > 0);
    assert.deepEqual(pressed, ['down']);
  });

  it('KEY-1 with no supervisor a key does nothing, waits for nothing and makes no file', async () => {
    fifo.dispose();
    await terminal.type('\u001bOP');
    await rm(f.paths.keyFifo);
    await terminal.type('\u001bOP'.repeat(10));
    await terminal.type('\u001b[24~');
    await until(async () => (await terminal.screen()).includes('(y/n)'));
    await terminal.type('n');
    assert.ok(!existsSync(f.paths.keyFifo));
    assert.equal(await tmux(f.paths.outerTmux, 'list-panes', '-a', '-f', '#{pane_in_mode}'), '', 'tmux has nothing to say about the key');
    fifo = await KeyFifo.open(f.paths.keyFifo, nullLogger);
    fifo.onDidPress((word) => pressed.push(word));
    assert.equal((await stat(f.paths.keyFifo)).mode & 0o777, 0o600);
    await terminal.type('\u001bOP');
    await until(() => pressed.includes('next-host'));
  });

  it('KEY-1 only whole known words count', async () => {
    const path = join(f.dir, 'other');
    const other = await KeyFifo.open(path, nullLogger);
    const words: KeyWord[] = [];
    other.onDidPress((word) => words.push(word));
    await writeFile(path, 'rm -rf\nnext-host;\nnext-ho');
    await writeFile(path, 'st\ndown\n');
    await until(() => words.length === 2);
    other.dispose();
    assert.deepEqual(words, ['next-host', 'down']);
  });

  it('OWN-6 a click into a half and F3 by select move the focus, and only a click is told', async () => {
    await terminal.mouse(0, 20, 25);
    await until(() => focused.length > 0);
    assert.deepEqual(focused, [{ alias: 'ai', focus: 'agent' }]);
    await terminal.mouse(0, 20, 5);
    await until(() => focused.length > 1);
    assert.deepEqual(focused[1], { alias: 'ai', focus: 'remote' });
    for (const focus of ['agent', 'remote', 'agent'] as const) {
      await f.outer.select('ai', focus);
      await until(async () => (await terminal.screen()).includes(`>> ${focus} ai <<`));
    }
    await f.outer.select('gpu', 'agent');
    await until(async () => (await terminal.screen()).includes('>> agent gpu <<'));
    await f.outer.apply([{ alias: 'ai', needs: 2 }, { alias: 'gpu', needs: 0 }]);
    assert.equal(focused.length, 2, 'what the supervisor chose is not told back');
  });

  it('KEY-2 a click on another host keeps the focus mode', async () => {
    await f.outer.select('ai', 'agent');
    const line = (await terminal.screen()).split('\n').at(-1) ?? '';
    await terminal.mouse(0, line.indexOf('gpu') + 2, 30);
    await until(() => focused.length > 0);
    assert.deepEqual(focused, [{ alias: 'gpu', focus: 'agent' }]);
    await until(async () => (await terminal.screen()).includes('>> agent gpu <<'));
    await tmux(f.paths.outerTmux, 'select-pane', '-t', '=cockpit:ai.{top}', ';', 'select-window', '-t', '=cockpit:ai');
    await until(async () => (await terminal.screen()).includes('>> agent ai <<'));
    assert.deepEqual(focused[1], { alias: 'ai', focus: 'agent' });
  });

  it('OWN-6 what is typed goes to the half in focus, C-b included', async () => {
    await terminal.type('to the remote\r');
    await until(async () => (await tmux(f.remote, 'capture-pane', '-p', '-t', '=cockpit-main:')).includes('to the remote'));
    await terminal.type('\u0002c'); // the remote's own prefix: a new window there
    await until(async () => (await tmux(f.remote, 'list-windows', '-t', '=cockpit-main')).split('\n').length === 2);
    await tmux(f.remote, 'kill-window', '-t', '=cockpit-main:1');
    await f.outer.select('ai', 'agent');
    await terminal.type('to the agent\r');
    await until(async () => (await tmux(f.paths.agentTmux, 'capture-pane', '-p', '-t', '=a-ai=7e1:')).includes('to the agent'));
  });

  it('KEY-1 another session is in front within 50 ms, and no process was restarted', async () => {
    const processes = () => Promise.all([f.paths.viewerTmux, f.paths.agentTmux, f.paths.outerTmux].map((socket) => tmux(socket, 'list-panes', '-a', '-F', '#{pane_id} #{pane_pid}')));
    await f.viewer.show('ai', sessions.two.id);
    const before = await processes();
    const calls: number[] = [];
    for (let n = 0; n < 30; n += 1) {
      const [session, key] = n % 2 ? ([sessions.two, 'ai~2'] as const) : ([sessions.main, 'ai~1'] as const);
      const started = performance.now();
      await Promise.all([f.viewer.show('ai', session.id), f.agent.show('ai', key), f.outer.select('ai', n % 2 ? 'remote' : 'agent')]);
      calls.push(performance.now() - started);
      const name = n % 2 ? 'two' : 'main';
      await until(async () => {
        const text = await terminal.screen();
        return text.includes(`REMOTE ${name}`) && text.includes(`AGENT ${key}`);
      });
    }
    console.log(`      select, done at tmux: median ${median(calls).toFixed(2)} ms, max ${Math.max(...calls).toFixed(2)} ms`);
    assert.ok(median(calls) < 50);
    assert.deepEqual(await processes(), before);
    await f.agent.show('ai', 'ai~1');
  });

  it('KEY-1 from the call to the pixels: another session is seen within 50 ms', async () => {
    const seen: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      const [session, name] = n % 2 ? ([sessions.two, 'two'] as const) : ([sessions.main, 'main'] as const);
      await f.viewer.show('ai', (n % 2 ? sessions.main : sessions.two).id);
      await until(async () => (await terminal.screen()).includes(n % 2 ? 'REMOTE main' : 'REMOTE two'));
      const started = performance.now();
      await f.viewer.show('ai', session.id);
      await until(async () => (await terminal.screen()).includes(`REMOTE ${name}`));
      seen.push(performance.now() - started);
    }
    console.log(`      select, seen in the terminal (polled): median ${median(seen).toFixed(1)} ms, max ${Math.max(...seen).toFixed(1)} ms`);
    assert.ok(median(seen) < 50, String(seen));
  });

  it('PAIR-5 relaunch starts the agent anew in its pane', async () => {
    const pane = () => tmux(f.paths.agentTmux, 'display-message', '-p', '-t', '=a-ai=7e1:', '#{pane_id} #{pane_pid}');
    const before = await pane();
    await f.agent.relaunch('ai~1');
    const after = await pane();
    assert.equal(after.split(' ')[0], before.split(' ')[0]);
    assert.notEqual(after, before);
    assert.match(await readFile(`/proc/${after.split(' ')[1] ?? ''}/environ`, 'latin1'), /ONLY=this/);
  });
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
