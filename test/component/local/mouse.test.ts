import assert from 'node:assert/strict';
import { until } from '../../support/until.ts';
import { openTerminalFixture, tmux, type Terminal, type TerminalFixture } from './terminalFixture.ts';

describe('mouse and clipboard through both layers', () => {
  let f: TerminalFixture;
  let terminal: Terminal;
  const shown = async (text: string) => until(async () => (await terminal.screen()).includes(text), { what: text });
  const showRemote = async (name: string, script: string) => {
    const session = await f.remoteSession(name, script);
    await f.viewer.apply([f.host('ai', [session])]);
    await f.viewer.show('ai', session.id);
  };
  beforeEach(async () => {
    f = await openTerminalFixture();
    await f.usual();
    terminal = await f.terminal(100, 40);
    await shown('AGENT ai~1');
  });
  afterEach(async () => {
    await f.close();
  });

  it('PAIR-4 the wheel scrolls back in the agent half, and down again to the end', async () => {
    await f.agent.apply([f.agentPane('ai', 'ai~1', 'seq 1 300 | sed s/^/row/; exec cat')], []);
    await shown('row300');
    await terminal.mouse(64, 10, 30);
    await until(async () => !(await terminal.screen()).includes('row300'));
    for (let n = 0; n < 3; n += 1) await terminal.mouse(65, 10, 30);
    await shown('row300');
    await terminal.type('typed after\r');
    await f.outer.select('ai', 'agent');
    await shown('row300');
  });

  it('PAIR-4 the wheel scrolls back in a remote tmux with mouse, and does nothing in one without', async () => {
    await showRemote('cockpit-long', 'seq 1 300 | sed s/^/row/; exec cat');
    await shown('row300');
    await terminal.mouse(64, 10, 5);
    await tmux(f.remote, 'set-option', '-t', '=cockpit-long:', 'mouse', 'on');
    assert.equal(await tmux(f.paths.viewerTmux, 'display-message', '-p', '-t', '=h-ai:', '#{pane_in_mode}'), '0');
    await until(async () => {
      await terminal.mouse(64, 10, 5);
      return (await tmux(f.remote, 'display-message', '-p', '-t', '=cockpit-long:', '#{pane_in_mode}')) === '1';
    });
  });

  it('PAIR-4 a program that wants the mouse gets clicks and wheel', async () => {
    await f.agent.apply([f.agentPane('ai', 'ai~1', "stty raw -echo; printf '\\033[?1000h\\033[?1006hREADY'; exec cat -v")], []);
    await shown('READY');
    await terminal.mouse(0, 10, 25);
    await terminal.mouse(64, 12, 26);
    const top = (await terminal.screen()).split('\n').findIndex((line) => line.includes('agent ai')) + 1;
    await shown(`^[[<0;10;${25 - top}M^[[<0;10;${25 - top}m`);
    await shown(`^[[<64;12;${26 - top}M`);
  });

  it('PAIR-4 what the remote copies reaches the clipboard of the terminal, and no other session can read it', async () => {
    await showRemote('cockpit-copy', "printf '\\033]52;c;c2VjcmV0\\007COPIED'; exec cat");
    await tmux(f.remote, 'set-option', '-s', 'set-clipboard', 'on');
    await shown('COPIED');
    await f.agent.apply([f.agentPane('ai', 'ai~1', "stty raw -echo min 0 time 5; printf '\\033]52;c;Zm9ybWU=\\007\\033]52;c;?\\007'; dd bs=100 count=1 2>/dev/null | od -c; echo ASKED; exec cat")], []);
    await shown('ASKED');
    await until(async () => (await terminal.clipboard()) === 'forme');
    assert.ok(!(await terminal.screen()).includes('] 5 2'), await terminal.screen());
    for (const socket of [f.paths.viewerTmux, f.paths.agentTmux, f.paths.outerTmux]) assert.equal(await tmux(socket, 'list-buffers'), '');
  });

  it('PAIR-4 text selected with the mouse is copied to the clipboard', async () => {
    const row = (await terminal.screen()).split('\n').findIndex((line) => line.includes('AGENT ai~1')) + 1;
    const drag = [`\u001b[<0;1;${row}M`, `\u001b[<32;3;${row}M`, `\u001b[<32;8;${row}M`, `\u001b[<0;8;${row}m`];
    await until(async () => {
      // A half that attaches just then does not hear a drag: a person drags again.
      for (const step of drag) await terminal.type(step);
      return (await terminal.clipboard()).startsWith('AGENT');
    });
    assert.equal(await tmux(f.paths.agentTmux, 'list-buffers'), '');
  });
});
