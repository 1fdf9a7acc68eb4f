import assert from 'node:assert/strict';
import fc from 'fast-check';
import { startArena, type Arena, type WatchedSession } from '../../support/ownership/arena.ts';
import { Ledger } from '../../support/ownership/ledger.ts';
import { startWriters, type Writers } from '../../support/ownership/writers.ts';
import { until } from '../../support/until.ts';

/** How many schedules; `COCKPIT_PROCESS_SCHEDULES=200` is the full run. `COCKPIT_SEED`, as a failure prints it, runs the same again. */
const wanted = Number(process.env['COCKPIT_PROCESS_SCHEDULES'] ?? 6);
const seed = Number(process.env['COCKPIT_SEED'] ?? Date.now() % 2 ** 31);

const who = fc.constantFrom('a' as const, 'b' as const);
const session = fc.nat({ max: 1 });
const focus = fc.constantFrom('remote' as const, 'remote' as const, 'agent' as const);
const deed = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('select' as const), who, session, focus }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('toggle-focus' as const, 'next-session' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('toggle-focus by command' as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('take-over' as const), who, session }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('take-over by command' as const), who, session }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('kill' as const, 'drop' as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('copy-mode' as const, 'rename' as const), session }) },
);
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;
const schedule = fc.array(fc.record({ deed, writes: fc.nat({ max: 4 }) }), { minLength: 3, maxLength: 8, size: 'max' });

describe(`ownership of whole processes, ${wanted} schedules, seed ${seed}`, function () {
  this.timeout(120_000 + wanted * 15_000);
  let arena: Arena;
  let sessions: WatchedSession[];
  let writers: Writers;
  let ledger: Ledger;
  const total = { sent: 0, accepted: 0, refused: 0, partial: 0, unknown: 0, kills: 0, acknowledged: 0 };

  before(async () => {
    arena = await startArena();
    sessions = [await arena.session('cockpit-p0'), await arena.session('cockpit-p1')];
    for (const { id } of sessions) {
      const known = (row: { id: string; owner: string }) => row.id === id && row.owner !== 'unread';
      for (const install of [arena.a, arena.b]) await until(async () => (await install.status()).hosts[0]?.sessions.some(known), { what: 'both know the sessions' });
    }
    // A grant needs a pairing, which a cockpit has of what it once supervised.
    for (const install of [arena.a, arena.b]) for (const { id } of sessions) await (await install.client()).request('session/takeOver', { session: `box/${id}` });
    writers = await startWriters(arena, sessions);
    ledger = new Ledger(arena.ids);
  });
  after(async () => {
    await writers.dispose();
    await arena.stop();
  });

  const at = (index: number): WatchedSession => {
    const found = sessions[index];
    if (!found) throw new Error(`no session ${index}`);
    return found;
  };
  const online = (which: 'a' | 'b') => until(async () => (await arena[which].status()).hosts[0]?.sessions.filter((row) => row.owner !== 'unread').length === 3, { timeoutMs: 20_000, what: `${which} is online` });
  /** A lost link may be noticed only now; a person tries again. */
  const asked = (what: string, ask: () => Promise<unknown>) => until(async () => [await ask()], { timeoutMs: 20_000, what });
  const act = async (step: Deed) => {
    switch (step.do) {
      case 'select':
        await select(step.who, at(step.session), step.focus);
        return;
      case 'toggle-focus':
      case 'next-session':
        await (await arena[step.who].client()).request('ctl', { control: step.do });
        return;
      case 'toggle-focus by command':
        await arena[step.who].fixture.must('ctl', 'toggle-focus');
        return;
      case 'take-over':
        await asked('take-over', async () => (await arena[step.who].client()).request('session/takeOver', { session: `box/${at(step.session).id}` }));
        return;
      case 'take-over by command':
        await asked('take-over', () => arena[step.who].fixture.must('take-over', `box/${at(step.session).id}`));
        return;
      case 'kill':
        total.kills++;
        await arena[step.who].kill();
        await arena[step.who].start();
        await online(step.who);
        return;
      case 'drop':
        await arena.drop(arena[step.who]);
        await online(step.who);
        return;
      case 'copy-mode':
        await arena.tmux.run('copy-mode', '-t', at(step.session).pane);
        return;
      case 'rename':
        await arena.tmux.run('rename-session', '-t', at(step.session).id, `cockpit-renamed-${Math.floor(performance.now())}`);
    }
  };
  /** A claim that was acknowledged must stand in the log as the change of owner of that epoch. */
  const acknowledged: { session: WatchedSession; epoch: number; owner: string }[] = [];
  const select = async (which: 'a' | 'b', { id }: WatchedSession, half: 'remote' | 'agent') => {
    await (await arena[which].client()).request('select', { host: 'box', session: `box/${id}`, focus: half });
    if (half === 'agent') return;
    const row = await until(async () => (await arena[which].status()).hosts[0]?.sessions.find((one) => one.id === id && (one.owner === 'human' || one.owner === 'foreign')), { timeoutMs: 20_000, what: 'the claim is acknowledged' });
    const found = sessions.find((one) => one.id === id);
    if (row.owner === 'human' && row.epoch !== null && found) acknowledged.push({ session: found, epoch: row.epoch, owner: `human:${arena.ids[which]}` });
  };

  it('OWN-1 OWN-2 OWN-3 OWN-5 OWN-7 REL-1 two cockpits, kill -9, lost links and take-overs: every text is where the audit says, none comes while a human owns', async () => {
    const property = fc.asyncProperty(schedule, async (steps) => {
      writers.go();
      for (const { deed: step, writes } of steps) {
        await act(step);
        const goal = writers.count + writes;
        await until(() => writers.count >= goal, { what: 'the agents write on' });
      }
      const sent = await writers.stop();
      for (const one of sessions) await one.settle();
      const audits = { a: await arena.a.audit(ledger.seq.a), b: await arena.b.audit(ledger.seq.b) };
      const wrong = await ledger.step(sessions, sent, audits);
      for (const { session: claimed, epoch, owner } of acknowledged.splice(0)) {
        total.acknowledged++;
        const was = ledger.owners(claimed)[epoch - 1];
        if (was !== owner) wrong.push(`${claimed.name}: epoch ${epoch} was acknowledged to ${owner}, the log has ${String(was)}`);
      }
      total.sent += sent.length;
      for (const { outcome } of sent) total[outcome]++;
      assert.deepEqual(wrong, []);
    });
    await fc.assert(property, { seed, numRuns: wanted, endOnFailure: true });
    console.log(`      ${JSON.stringify(total)}`);
    assert.ok(total.accepted > wanted && total.refused > wanted, 'much took place');
  });
});
