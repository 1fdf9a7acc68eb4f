import assert from 'node:assert/strict';
import { until } from '../../support/until.ts';
import { openTerminalFixture, tmux, type Terminal, type TerminalFixture } from './terminalFixture.ts';

describe('repair of the terminal layout', () => {
  let f: TerminalFixture;
  let terminal: Terminal;
  before(async () => {
    f = await openTerminalFixture();
    await f.usual();
    terminal = await f.terminal(100, 30);
    await whole();
  });
  after(async () => {
    await f.close();
  });

  /** The person sees both halves again, from processes that run. */
  async function whole(timeoutMs = 10_000): Promise<void> {
    await until(
      async () => {
        const text = await terminal.screen();
        const dead = await Promise.all([f.paths.viewerTmux, f.paths.agentTmux, f.paths.outerTmux].map((socket) => tmux(socket, 'list-panes', '-a', '-F', '#{pane_dead}')));
        return text.includes('>> remote ai <<') && text.includes('REMOTE main') && text.includes('AGENT ai~1') && !dead.join('').includes('1');
      },
      { timeoutMs, what: 'both halves are there again' },
    );
  }

  const pid = (socket: string, target: string) => tmux(socket, 'display-message', '-p', '-t', target, '#{pane_pid}');
  const outerPane = async (role: string) => (await tmux(f.paths.outerTmux, 'list-panes', '-t', '=cockpit:ai', '-f', `#{==:#{@cockpit_role},${role}}`, '-F', '#{pane_id}'));
  const kill = async (socket: string, target: string) => {
    process.kill(Number(await pid(socket, target)), 'SIGKILL');
  };

  const damages: Record<string, () => Promise<unknown>> = {
    'outer viewer half killed': async () => tmux(f.paths.outerTmux, 'kill-pane', '-t', await outerPane('remote')),
    'outer agent half killed': async () => tmux(f.paths.outerTmux, 'kill-pane', '-t', await outerPane('agent')),
    'outer half ended': async () => kill(f.paths.outerTmux, await outerPane('agent')),
    'outer half runs something else': async () => tmux(f.paths.outerTmux, 'respawn-pane', '-k', '-t', await outerPane('remote'), 'tail -f /dev/null'),
    'outer window killed': () => tmux(f.paths.outerTmux, 'kill-window', '-t', '=cockpit:ai'),
    'a stray pane': async () => tmux(f.paths.outerTmux, 'split-window', '-t', await outerPane('agent')),
    'viewer window killed': () => tmux(f.paths.viewerTmux, 'kill-window', '-t', '=h-ai:cockpit-main'),
    'viewer process ended': () => kill(f.paths.viewerTmux, '=h-ai:cockpit-main'),
    'viewer session killed': () => tmux(f.paths.viewerTmux, 'kill-session', '-t', '=h-ai'),
    'viewer server killed': () => tmux(f.paths.viewerTmux, 'kill-server'),
    'agent session killed': () => tmux(f.paths.agentTmux, 'kill-session', '-t', '=a-ai=7e1'),
    'agent process ended': () => kill(f.paths.agentTmux, '=a-ai=7e1:'),
    'agent pane runs something else': () => tmux(f.paths.agentTmux, 'respawn-pane', '-k', '-t', '=a-ai=7e1:', 'tail -f /dev/null'),
    'agent server killed': () => tmux(f.paths.agentTmux, 'kill-server'),
    'agent server ended hard': async () => {
      process.kill(Number(await tmux(f.paths.agentTmux, 'display-message', '-p', '#{pid}')), 'SIGKILL');
    },
    'both inner servers killed': () => Promise.all([tmux(f.paths.agentTmux, 'kill-server'), tmux(f.paths.viewerTmux, 'kill-server')]),
  };
  for (const [name, damage] of Object.entries(damages)) {
    it(`PAIR-5 repaired within 3 s: ${name}`, async () => {
      const focused: unknown[] = [];
      const listening = f.outer.onDidFocus((focus) => focused.push(focus));
      const started = performance.now();
      await damage();
      await until(async () => !(await isWhole()) || performance.now() - started > 300, { what: 'the damage shows' });
      await whole(3000 - (performance.now() - started));
      listening.dispose();
      assert.deepEqual(focused, [], 'damage is not a choice of the person');
    });
  }

  it('PAIR-5 repaired within 3 s: outer server killed', async () => {
    await tmux(f.paths.outerTmux, 'kill-server');
    await until(async () => (await tmux(f.paths.outerTmux, 'list-panes', '-t', '=cockpit:ai')).split('\n').length === 2, { timeoutMs: 3000 });
    terminal = await f.terminal(100, 30);
    await whole();
  });

  async function isWhole(): Promise<boolean> {
    const text = await terminal.screen();
    return text.includes('REMOTE main') && text.includes('AGENT ai~1');
  }
});
