import assert from 'node:assert/strict';
import fc from 'fast-check';
import { openLanes, type Lanes } from '../../support/ownership/lane.ts';
import { runSchedule, type Mutation, type Tally } from '../../support/ownership/runSchedule.ts';
import { schedules } from '../../support/ownership/schedule.ts';
import { startTmuxChannels, type TmuxChannels } from '../../support/tmuxChannels.ts';

/** How many schedules; `COCKPIT_SCHEDULES=10000` is the full run. `COCKPIT_SEED` and `COCKPIT_PATH`, as a failure prints them, run one again. */
const wanted = Number(process.env['COCKPIT_SCHEDULES'] ?? 1500);
const seed = Number(process.env['COCKPIT_SEED'] ?? Date.now() % 2 ** 31);
const path = process.env['COCKPIT_PATH'];
/** Schedules under way at a time, in sessions of the same tmux server. */
const lanes = path === undefined ? 4 : 1;
/** A race may need more than one try to be seen again. */
const tries = path === undefined ? 1 : 50;

const guarded: Mutation = (line) => line;
/** The guard without its fence: every write goes in. */
const unguarded: Mutation = (line) => line.replace(/'#\{&&:#\{m:[^']*'/, '1');

describe(`ownership at the tmux adapter, ${wanted} schedules, seed ${seed}`, function () {
  this.timeout(60_000 + wanted * 100);
  let t: TmuxChannels;
  let stage: Lanes;
  before(async () => {
    t = await startTmuxChannels();
    stage = await openLanes(t, lanes);
  });
  after(() => t.stop());

  const property = async (mutate: Mutation, count: number): Promise<Tally> => {
    const tally: Tally = { schedules: 0, accepted: 0, refused: {}, unknown: 0, claims: 0 };
    let failed: number | null = null;
    const results = await Promise.allSettled(
      Array.from({ length: lanes }, async (_, at) => {
        const one = fc.asyncProperty(schedules({ endsPrograms: mutate === guarded }), async (steps) => {
          if (failed !== null && failed !== at) return;
          try {
            for (let round = 0; round < tries; round++) await stage.use(at, (lane) => runSchedule(lane, steps, mutate, tally));
          } catch (error) {
            failed ??= at;
            throw error;
          }
        });
        await fc.assert(one, { seed: seed + at, numRuns: Math.ceil(count / lanes), interruptAfterTimeLimit: 30_000 + count * 100, ...(path === undefined ? {} : { path }) });
      }),
    );
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    return tally;
  };

  it('OWN-1 OWN-2 OWN-3 OWN-4 OWN-5 no agent byte is accepted after a claim, none is lost, doubled or held back, and each refusal has its reason', async () => {
    const tally = await property(guarded, wanted);
    console.log(`      ${JSON.stringify(tally)}`);
    if (path !== undefined) return;
    assert.ok(tally.accepted > wanted / 4 && tally.claims > wanted / 2, 'something took place');
    const missing = ['human-owns', 'foreign-owner', 'stale-epoch', 'pane-synchronized', 'pane-dead', 'pane-not-active', 'session-gone', 'ownership-unread'].filter((reason) => !tally.refused[reason]);
    assert.deepEqual(missing, [], 'every reason was met');
  });

  it('OWN-5 with the fence taken out the same schedules fail, and print a seed', async () => {
    await assert.rejects(property(unguarded, wanted), (error: Error) => /seed: \d+, path: "/.test(error.message) && /but (human|agent):\w \d+ owns|is there all the same|the active pane is|synchronized|instead of/.test(String(error.cause ?? error.message)));
  });
});
