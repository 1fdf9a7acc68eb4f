import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openLanes } from '../../support/ownership/lane.ts';
import { runSchedule, type Mutation, type Tally } from '../../support/ownership/runSchedule.ts';
import { schedules } from '../../support/ownership/schedule.ts';
import { startTmuxChannels } from '../../support/tmuxChannels.ts';

/** How many schedules; `COCKPIT_SCHEDULES=10000` is the full run. `COCKPIT_SEED` and `COCKPIT_PATH`, as a failure prints them, run one again. */
const wanted = Number(process.env['COCKPIT_SCHEDULES'] ?? 700);
const seed = Number(process.env['COCKPIT_SEED'] ?? Date.now() % 2 ** 31);
const path = process.env['COCKPIT_PATH'];
/** Schedules under way at a time, in sessions of the same tmux server. */
const lanes = path === undefined ? 4 : 1;
/** A race may need more than one try to be seen again. */
const tries = path === undefined ? 1 : 50;

/** Most of them fail within a hundred. */
const mutantSchedules = 2000;

const guarded: Mutation = (line) => line;
const fence = /'#\{&&:#\{m:[^']*'/;
/** The guard without one of its parts. What the part compares is put in its place, so the rest holds as before. */
const mutations: Record<string, Mutation> = {
  'the whole fence': (line) => line.replace(fence, '1'),
  'the owner': (line) => line.replace(fence, (text) => text.replace('#{@cockpit_owner}', /agent:\w/.exec(text)?.[0] ?? '')),
  'the synchronized pane': (line) => line.replace('#{pane_synchronized}', '0'),
};
/** These show in a race only, which takes many schedules: they belong to the full run. */
const rareMutations: Record<string, Mutation> = {
  'leaving the mode': (line) => line.replace(/copy-mode -q -t \S+/, 'display-message -p stays'),
  'the epoch': (line) => line.replace(fence, (text) => text.replace('#{@cockpit_epoch}', /agent:\w (\d+)/.exec(text)?.[1] ?? '')),
  'the active pane': (line) => line.replace('#{pane_active}#{window_active}', '11'),
};

/** Generous, for a busy machine; a search for a shorter counterexample ends then. */
const limitMs = (count: number) => 60_000 + count * 500;

/** Runs that many schedules; throws as fast-check does, with the seed and the path to the shortest one that failed. */
async function hold(mutate: Mutation, count: number): Promise<Tally> {
  const tally: Tally = { schedules: 0, accepted: 0, refused: {}, unknown: 0, claims: 0 };
  const t = await startTmuxChannels();
  let failed: number | null = null;
  const check = async (at: number, stage: Awaited<ReturnType<typeof openLanes>>) => {
    const property = fc.asyncProperty(schedules({ endProgram: mutate === guarded, chooseMode: mutate === guarded }), async (schedule) => {
      if (failed !== null && failed !== at) return;
      try {
        for (let round = 0; round < tries; round++) await stage.use(at, (lane) => runSchedule(lane, schedule, mutate, tally));
      } catch (error) {
        failed ??= at;
        throw error;
      }
    });
    await fc.assert(property, { seed: seed + at, numRuns: Math.ceil(count / lanes), interruptAfterTimeLimit: limitMs(count), ...(path === undefined ? {} : { path }) });
  };
  try {
    const stage = await openLanes(t, lanes);
    const results = await Promise.allSettled(Array.from({ length: lanes }, (_, at) => check(at, stage)));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    return tally;
  } finally {
    await t.stop();
  }
}

describe(`ownership at the tmux adapter, ${wanted} schedules, seed ${seed}`, function () {
  this.timeout(limitMs(wanted) + 60_000);

  it('OWN-1 OWN-2 OWN-3 OWN-4 OWN-5 no agent byte is accepted after a claim, none is lost, doubled or held back, and each refusal has its reason', async () => {
    const tally = await hold(guarded, wanted);
    console.log(`      ${JSON.stringify(tally)}`);
    assert.ok(tally.schedules >= wanted || path !== undefined, 'all were run');
    if (wanted < 500 || path !== undefined) return;
    const missing = ['human-owns', 'foreign-owner', 'stale-epoch', 'pane-synchronized', 'pane-dead', 'pane-not-active', 'session-gone', 'ownership-unread'].filter((reason) => !tally.refused[reason]);
    assert.deepEqual(missing, [], 'every reason was met');
    assert.ok(tally.accepted > wanted / 4 && tally.claims > wanted && tally.unknown > 0, 'much took place');
  });

  for (const [part, mutate] of Object.entries(wanted < 10_000 ? mutations : { ...mutations, ...rareMutations })) {
    it(`OWN-5 without ${part} in the guard the same schedules fail, and print a seed`, async () => {
      await assert.rejects(hold(mutate, mutantSchedules), (error: Error) => {
        console.log(`      ${String(error.cause).split('\n')[0] ?? ''}`);
        return /seed: \d+, path: "/.test(error.message) && /^Error: (write|agent|byte)/.test(String(error.cause));
      });
    });
  }
});
