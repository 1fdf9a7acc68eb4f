import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { pace } from '../../support/pace.ts';
import { churnOnce } from '../../support/chaos/churn.ts';
import { violations, type Kept } from '../../support/chaos/invariant.ts';
import { kills, type Kill } from '../../support/chaos/kills.ts';
import { pick, seededRandom } from '../../support/chaos/random.ts';
import { chaosWorld, type World } from '../../support/chaos/world.ts';
import { machineSlowness } from '../../support/slowness.ts';

const seconds = Number(process.env['COCKPIT_CHAOS_SECONDS'] ?? 60);
const seed = Number(process.env['COCKPIT_CHAOS_SEED'] ?? Date.now() % 1_000_000);
/** Only kills whose name matches; all in the usual run. */
const only = new RegExp(process.env['COCKPIT_CHAOS_ONLY'] ?? '');
/** What is back later than this counts as not repaired, times the slowness of a machine that others use too; a link may wait for its backoff besides. */
const repairMs = 3_000;
/** What a person starts again (`help`) has this long besides, as every start has (REL-2). */
const startMs = 5_000;
/** Longest wait of a reconnect after a few losses in a row (0.5 s doubled each time, DISC-7), and the viewers' own wait behind it. */
const backoffMs = 12_000;

describe(`chaos for ${seconds} s (seed ${seed})`, function () {
  this.timeout((seconds + 240) * 1000);
  const random = seededRandom(seed);
  const kept: Kept = { threads: new Map(), selectedHost: 'box', focus: 'agent', wake: { box: true, attic: true } };
  const times = new Map<string, { ms: number; slowness: number }[]>();
  const log: string[] = [];
  let world: World;

  before(async () => {
    world = await chaosWorld(['box', 'attic']);
    for (const [host, names] of [[world.hosts[0], ['cockpit-a', 'cockpit-b']], [world.hosts[1], ['cockpit-c']]] as const) {
      for (const name of names) if (host) await world.newSession(host, name);
    }
    await world.up();
    await whole('the start', 60_000);
    await world.cockpit.must('ctl', 'next-host');
    await world.cockpit.must('ctl', 'toggle-wake');
    kept.wake['attic'] = false;
    await world.cockpit.must('ctl', 'next-host');
    await whole('the set-up', 30_000);
  });
  after(async () => {
    await world.dispose();
  });

  /** Waits until nothing is wrong, and still is not a moment later; the time until it was right. */
  async function whole(what: string, timeoutMs: number): Promise<number> {
    const startedMs = performance.now();
    let wrong: string[];
    for (;;) {
      wrong = await look();
      const tookMs = performance.now() - startedMs;
      if (wrong.length === 0) {
        await pace(250);
        wrong = await look();
        if (wrong.length === 0) return tookMs;
      }
      if (performance.now() - startedMs > timeoutMs) break;
      await pace(20);
    }
    const supervisor = readFileSync(world.cockpit.paths.log, 'utf8').split('\n').slice(-60).join('\n');
    throw new Error(`not whole ${timeoutMs} ms after ${what}:\n  ${wrong.join('\n  ')}\n${log.slice(-12).join('\n')}\n${supervisor}`);
  }

  async function look(): Promise<string[]> {
    try {
      return await violations(world, kept);
    } catch (error) {
      return [String(error)];
    }
  }

  function report(): string {
    const rows = [...times].sort().map(([name, all]) => {
      const sorted = all.map(({ ms }) => ms).sort((a, b) => a - b);
      const even = all.map(({ ms, slowness }) => ms / slowness).sort((a, b) => a - b);
      const middle = (list: number[]) => Math.round(list[Math.floor(list.length / 2)] ?? 0);
      return `    ${name.padEnd(22)} n ${String(all.length).padStart(3)}   median ${middle(sorted)} ms   max ${Math.round(sorted.at(-1) ?? 0)} ms   (on an idle machine ${middle(even)} and ${Math.round(even.at(-1) ?? 0)} ms)`;
    });
    return rows.join('\n');
  }

  async function damage(kill: Kill): Promise<void> {
    const before = machineSlowness();
    const churning = random() < 0.5 ? churnOnce(world, random) : Promise.resolve('');
    const startedMs = performance.now();
    const [hit, churned] = await Promise.all([kill.run(world, random), churning]);
    const helping = kill.help?.(world).then(() => `, helped for ${Math.round(performance.now() - startedMs)} ms`) ?? Promise.resolve('');
    const line = `${new Date().toISOString()} ${kill.name}: ${hit}; ${churned}`;
    log.push(line);
    const beforeMs = performance.now() - startedMs;
    const ms = beforeMs + (await whole(line, (repairMs + backoffMs) * before));
    const slowness = (before + machineSlowness()) / 2;
    log.push(`  whole after ${Math.round(ms)} ms, slowness ${slowness.toFixed(1)}${await helping}`);
    times.set(kill.name, [...(times.get(kill.name) ?? []), { ms, slowness }]);
  }

  it('PAIR-5 PAIR-1 PAIR-2 PAIR-4 REL-1 whatever is killed is back by itself, nothing is doubled, threads, selection and wake are kept', async () => {
    const chosen = kills.filter(({ name }) => only.test(name));
    const endMs = performance.now() + seconds * 1000;
    let round: Kill[] = [];
    try {
      while (performance.now() < endMs) {
        // Every kind once in a round, in a random order.
        if (round.length === 0) round = [...chosen];
        const kill = pick(round, random);
        round.splice(round.indexOf(kill), 1);
        await damage(kill);
        if (random() < 0.3) log.push(await churnOnce(world, random));
        await pace(random() * 500);
      }
    } finally {
      console.log(report());
      if (process.env['COCKPIT_CHAOS_LOG']) console.log(log.join('\n'));
    }
    const late = kills.filter(({ link }) => !link).flatMap((kill) => {
      const { name } = kill;
      const limitMs = repairMs + ('help' in kill ? startMs : 0);
      return (times.get(name) ?? []).filter(({ ms, slowness }) => ms > limitMs * slowness).map(({ ms, slowness }) => `${name}: ${Math.round(ms)} ms instead of ${limitMs} (slowness ${slowness.toFixed(1)})`);
    });
    assert.deepEqual(late, []);
  });
});
