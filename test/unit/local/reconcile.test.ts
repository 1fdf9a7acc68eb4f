import assert from 'node:assert/strict';
import { launchHash } from '../../../src/supervisor/adapters/tmux/local/launch.ts';
import { parseSeen, type SessionPlan } from '../../../src/supervisor/adapters/tmux/local/layout.ts';
import { reconcileOnce } from '../../../src/supervisor/adapters/tmux/local/reconcile.ts';
import { RespawnPacer } from '../../../src/supervisor/adapters/tmux/local/respawnPacer.ts';
import { shortHash, type Words } from '../../../src/supervisor/adapters/tmux/local/tmuxText.ts';
import { systemClock, type Clock } from '../../../src/supervisor/base/clock.ts';

const launch = { argv: ['sh', 'x'] };
const hash = launchHash(launch);
const label = shortHash(JSON.stringify(['A', {}]));
const plan: SessionPlan[] = [{ name: 'h-a', windows: [{ key: 'w', label: 'A', panes: [{ role: 'p', launch }] }] }];

function line(change: Partial<Record<'session' | 'owned' | 'key' | 'dead' | 'role' | 'launch' | 'pid' | 'window' | 'pane', string>> = {}): string {
  const { session = '$1', owned = '1', window = '@1', key = 'w', pane = '%1', dead = '0', role = 'p', launch: mark = hash, pid = '7' } = change;
  return [session, owned, window, '1', key, label, pane, '1', dead, '7', '/dev/pts/1', role, mark, pid, 'h-a'].join('|');
}

async function step(lines: string[], of = plan): Promise<{ outcome: string; commands: string[] }> {
  const commands: Words[] = [];
  const run = (list: readonly Words[]) => {
    commands.push(...list);
    return Promise.resolve(list.map(() => ['%9']));
  };
  const outcome = await reconcileOnce(run, of, parseSeen(lines), new RespawnPacer(systemClock));
  return { outcome, commands: commands.map((words) => words[0] ?? '').filter((name) => name !== 'set-option' && name !== 'clear-history') };
}

describe('reconcile', () => {
  it('PAIR-5 leaves alone what is as planned', async () => {
    assert.deepEqual(await step([line()]), { outcome: 'met', commands: [] });
  });

  it('PAIR-5 makes what is missing and starts what ended, changed or is no longer the launched process', async () => {
    assert.deepEqual((await step([])).commands, ['new-session']);
    assert.deepEqual((await step([line({ dead: '1' })])).commands, ['respawn-pane']);
    assert.deepEqual((await step([line({ launch: 'other' })])).commands, ['respawn-pane']);
    assert.deepEqual((await step([line({ pid: '8' })])).commands, ['respawn-pane']);
    assert.deepEqual((await step([line({ role: '' })])).commands, ['split-window']);
  });

  it('PAIR-5 ends what does not belong there, but first makes what does', async () => {
    assert.deepEqual((await step([line({ key: 'old' })])).commands, ['new-window']);
    assert.deepEqual((await step([line(), line({ window: '@2', key: 'old' })])).commands, ['kill-window']);
    assert.deepEqual((await step([line(), line({ pane: '%2', role: 'stray' })])).commands, ['kill-pane']);
    assert.deepEqual((await step([line()], [])).commands, ['kill-session']);
  });

  it('PAIR-7 sessions that cockpit did not make are not touched', async () => {
    assert.deepEqual(await step([line({ owned: '' })], []), { outcome: 'met', commands: [] });
  });

  it('PAIR-5 a process that keeps ending is started with growing waits', () => {
    let nowMs = 0;
    const clock: Clock = { ...systemClock, nowMs: () => nowMs };
    const pacer = new RespawnPacer(clock);
    const startsAt: number[] = [];
    for (; nowMs < 120_000; nowMs += 100) if (pacer.mayRespawn('p')) startsAt.push(nowMs);
    assert.deepEqual(startsAt.slice(0, 7), [0, 500, 1500, 3500, 7500, 15500, 31500]);
    nowMs += 600_000;
    assert.ok(pacer.mayRespawn('p'));
    assert.ok(!pacer.mayRespawn('p'));
  });
});
