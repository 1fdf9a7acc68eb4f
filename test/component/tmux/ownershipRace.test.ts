import assert from 'node:assert/strict';
import type { ControlChannel } from '../../../src/supervisor/adapters/tmux/controlChannel.ts';
import { plainCommand, type TmuxCommand } from '../../../src/supervisor/adapters/tmux/command.ts';
import { readMarkCommand } from '../../../src/supervisor/adapters/tmux/claim.ts';
import { adoptCommand, claimCommand, guardedWrite, releaseCommand, type MarkReply } from '../../../src/supervisor/adapters/tmux/guard.ts';
import type { RawPane } from '../../support/tmuxServer.ts';
import { startTmuxChannels, type TmuxChannels } from '../../support/tmuxChannels.ts';
import { until } from '../../support/until.ts';

/** Claims per run; a nightly run sets more. */
const schedules = Number(process.env['COCKPIT_SCHEDULES'] ?? 300);
const writers = 3;

/** How a writer gets its bytes in after it read the mark; true if tmux took them. */
type Write = (channel: ControlChannel, pane: RawPane, mark: MarkReply, text: string) => Promise<boolean>;

const guarded: Write = async (channel, pane, { mark, server }, text) => {
  const reply = await channel.request(guardedWrite(pane, { server, owner: 'agent:me', epoch: mark.epoch }, { kind: 'keys', bytes: Buffer.from(text) }));
  return reply.kind === 'accepted';
};

/** The mutation: the same write with the check in our process instead of in tmux. */
const unguarded: Write = async (channel, pane, { mark }, text) => {
  if (mark.owner !== 'agent:me') return false;
  await channel.request(plainCommand(`send-keys -t '${pane.paneId}' -H ${Buffer.from(text).toString('hex').replace(/..(?!$)/g, '$& ')}`));
  return true;
};

/** A claim or release that also puts `<role>:<epoch>` into the pane in the same command list: the log then shows the order of events at tmux. */
function logged(command: TmuxCommand<MarkReply>, pane: RawPane, marker: string): TmuxCommand<MarkReply> {
  return { ...command, line: `send-keys -t '${pane.paneId}' -l '${marker}|' ; ${command.line}` };
}

async function race(t: TmuxChannels, write: Write): Promise<{ landed: number; refused: number; stale: number; log: string }> {
  const pane = await t.tmux.rawPane(`cockpit-race-${write === guarded ? 'guarded' : 'unguarded'}`);
  const claimer = await t.open();
  await claimer.request(adoptCommand(pane.id, 'me', 'n', 0));
  let done = false;
  let landed = 0;
  let refused = 0;
  const writer = async (name: number) => {
    const channel = await t.open();
    for (let count = 0; !done; count++) {
      const mark = await channel.request(readMarkCommand(pane.id));
      const ok = await write(channel, pane, mark, `w${name}.${count}@${mark.mark.epoch}|`);
      if (ok) landed++;
      else refused++;
    }
  };
  const running = Array.from({ length: writers }, (_, name) => writer(name));
  for (let claim = 0; claim < schedules; claim++) {
    await claimer.request(logged(claimCommand(pane.id, 'me', 'n'), pane, 'CLAIM'));
    await claimer.request(logged(releaseCommand(pane.id, 'me', 'n'), pane, 'RELEASE'));
    // Lets writes of the new epoch in before the next claim; otherwise there is nothing to race with.
    const target = landed + 1 + (claim % 3);
    await until(() => landed >= target, { timeoutMs: 5000 });
  }
  done = true;
  await Promise.all(running);
  await claimer.request(plainCommand(`send-keys -t '${pane.paneId}' -l 'END'`));
  const log = await until(async () => {
    const text = (await pane.read()).toString();
    return text.endsWith('END') ? text : null;
  });
  return { landed, refused, stale: countStale(log), log };
}

/** Writes that stand behind a claim but carry an epoch from before it. Epochs: adopt 1, then each claim and release one more. */
function countStale(log: string): number {
  let epoch = 1;
  let stale = 0;
  for (const entry of log.split('|')) {
    if (entry === 'CLAIM' || entry === 'RELEASE') epoch++;
    else if (entry.startsWith('w') && Number(entry.split('@')[1]) !== epoch) stale++;
  }
  return stale;
}

describe(`ownership race, ${schedules} claims against ${writers} writers`, function () {
  this.timeout(20_000 + schedules * 100);
  let t: TmuxChannels;
  before(async () => {
    t = await startTmuxChannels();
  });
  after(() => t.stop());

  it('OWN-5 no agent byte is accepted after a claim, and every write is whole or absent', async () => {
    const { landed, refused, stale, log } = await race(t, guarded);
    const entries = log.split('|');
    assert.equal(stale, 0);
    assert.equal(entries.filter((entry) => entry === 'CLAIM').length, schedules);
    assert.equal(entries.filter((entry) => /^w\d\.\d+@\d+$/.test(entry)).length, landed);
    assert.equal(entries.length, landed + 2 * schedules + 1, 'nothing else in the log');
    assert.ok(landed > schedules && refused > 0, `${landed} landed, ${refused} refused: a race took place`);
  });

  it('OWN-5 the same test sees stale writes when the guard is removed', async () => {
    const { stale } = await race(t, unguarded);
    assert.ok(stale > 0, `${stale} stale writes`);
  });
});
