import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Fact } from '../../../src/supervisor/domain/facts.ts';
import { emptyFleet, selectedRef, type Fleet } from '../../../src/supervisor/domain/fleet.ts';
import type { SessionId, SessionRef } from '../../../src/supervisor/domain/ids.ts';
import { reduce, type Effect } from '../../../src/supervisor/domain/reduce.ts';
import type { ObservedSession, OwnershipMark, TmuxServer } from '../../../src/supervisor/domain/remoteSession.ts';
import { controls } from '../../../src/supervisor/domain/selection.ts';
import { someConfig, someHostConfig, someObserved } from '../../support/fleet.ts';

const unset: OwnershipMark = { owner: '', epoch: 0, supervisor: '' };
const foreign: OwnershipMark = { owner: 'agent:other', epoch: 7, supervisor: 'elsewhere' };
const aliases = ['a', 'b'] as const;

/** Remote tmux servers and what the guard's commands do there, with a supervisor's domain on top. Effects wait until they are run, as over a slow link. */
class World {
  fleet: Fleet = emptyFleet;
  readonly waiting: Effect[] = [];
  readonly #servers = new Map<string, { life: TmuxServer; sessions: Map<SessionId, OwnershipMark> }>();
  #next = 1;
  /** Changes of owner that the remotes accepted. */
  moves = 0;

  constructor() {
    for (const alias of aliases) this.#servers.set(alias, { life: this.#life(), sessions: new Map() });
    this.observe({ kind: 'configured', config: someConfig({ hosts: aliases.map((alias) => someHostConfig({ alias, transport: 'local' })) }), remembered: { wake: {}, selected: {} } });
    for (const alias of aliases) {
      this.observe({ kind: 'host-link', alias, link: 'online', error: null });
      this.list(alias);
    }
    this.waiting.length = 0;
  }

  observe(fact: Fact): void {
    const { fleet, effects } = reduce(this.fleet, fact, { nowMs: 0, install: 'me' });
    this.fleet = fleet;
    // As the runner does: one request per session in flight.
    for (const effect of effects) if (!this.waiting.some((one) => placeOf(one) === placeOf(effect))) this.waiting.push(effect);
  }

  make(alias: string, mark: OwnershipMark): void {
    this.#at(alias).sessions.set(`$${this.#next++}`, mark);
    this.list(alias);
  }

  kill(alias: string, at: number): void {
    const { sessions } = this.#at(alias);
    const id = [...sessions.keys()][at];
    if (id) sessions.delete(id);
    this.list(alias);
  }

  restart(alias: string): void {
    const { sessions } = this.#at(alias);
    this.#servers.set(alias, { life: this.#life(), sessions: new Map([...sessions.keys()].map((id) => [id, unset])) });
    this.list(alias);
  }

  list(alias: string): void {
    if (!this.isOnline(alias)) return;
    const { life, sessions } = this.#at(alias);
    const seen = [...sessions].map(([id, mark]): ObservedSession => someObserved({ id, mark }));
    this.observe({ kind: 'host-sessions', alias, server: seen.length === 0 ? null : life, sessions: seen });
  }

  isOnline(alias: string): boolean {
    return this.fleet.hosts.some((host) => host.config.alias === alias && host.link === 'online');
  }

  /** Runs the oldest effect at its remote; its answer comes back, or is lost. */
  run(isLost = false): void {
    const effect = this.waiting.shift();
    if (!effect || effect.kind === 'create-main' || !this.isOnline(effect.ref.alias)) return;
    const { ref } = effect;
    const { life, sessions } = this.#at(ref.alias);
    const mark = sessions.get(ref.id);
    if (!mark) return;
    const changed = this.#command(effect.kind, mark);
    sessions.set(ref.id, changed);
    if (!isLost) this.observe({ kind: 'ownership', alias: ref.alias, id: ref.id, mark: changed, server: life });
  }

  /** Everything that waits is run and every host is listed, until nothing is left to do; throws if that never comes. */
  settle(): void {
    for (const alias of aliases) this.observe({ kind: 'host-link', alias, link: 'online', error: null });
    for (let round = 0; round < 20; round += 1) {
      for (const alias of aliases) this.list(alias);
      if (this.waiting.length === 0) return;
      while (this.waiting.length > 0) this.run();
    }
    throw new Error(`never at rest: ${JSON.stringify(this.waiting)}`);
  }

  /** `alias/id` by owner, as the remotes have it. */
  owners(): Map<string, string> {
    return new Map([...this.#servers].flatMap(([alias, { sessions }]) => [...sessions].map(([id, mark]) => [`${alias}/${id}`, mark.owner] as const)));
  }

  #command(kind: 'adopt' | 'claim' | 'release', mark: OwnershipMark): OwnershipMark {
    const isOurs = mark.owner === '' || mark.owner.endsWith(':me');
    const wanted = kind === 'claim' ? 'human:me' : 'agent:me';
    if (!isOurs || (kind === 'adopt' && mark.owner !== '') || (kind === 'release' && mark.owner !== 'human:me')) return mark;
    this.moves += 1;
    return { owner: wanted, epoch: mark.epoch + 1, supervisor: 'here' };
  }

  #at(alias: string) {
    const found = this.#servers.get(alias);
    if (!found) throw new Error(alias);
    return found;
  }

  #life(): TmuxServer {
    return { pid: this.#next++, startTime: this.#next++ };
  }
}

const placeOf = (effect: Effect): string => (effect.kind === 'create-main' ? effect.alias : nameOf(effect.ref));
const nameOf = (ref: SessionRef): string => `${ref.alias}/${ref.id}`;

type Step = (world: World) => void;
const alias = fc.constantFrom(...aliases);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom(...controls).map((control): Step => (world) => { world.observe({ kind: 'control', control }); }),
  fc.tuple(alias, fc.constantFrom('remote', 'agent', null)).map(([to, focus]): Step => (world) => { world.observe({ kind: 'selected', alias: to, id: null, focus }); }),
  fc.tuple(alias, fc.constantFrom(unset, unset, unset, foreign)).map(([at, mark]): Step => (world) => { world.make(at, mark); }),
  fc.tuple(alias, fc.nat(3)).map(([at, n]): Step => (world) => { world.kill(at, n); }),
  alias.map((at): Step => (world) => { world.restart(at); }),
  alias.map((at): Step => (world) => { world.observe({ kind: 'host-link', alias: at, link: 'offline', error: 'lost' }); }),
  alias.map((at): Step => (world) => { world.observe({ kind: 'host-link', alias: at, link: 'online', error: null }); world.list(at); }),
  fc.boolean().map((isLost): Step => (world) => { world.run(isLost); }),
  fc.constant<Step>((world) => { world.run(); }),
);

describe('ownership that the view asks for', () => {
  const control = (name: (typeof controls)[number]): Fact => ({ kind: 'control', control: name });

  it('OWN-1 OWN-6 after anything that can happen exactly the session on view in remote focus is the human\'s, and it comes to rest', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const world = new World();
        for (const one of steps) one(world);
        world.settle();
        const ref = selectedRef(world.fleet);
        const shown = world.fleet.focus === 'remote' && ref ? nameOf(ref) : null;
        for (const [name, owner] of world.owners()) {
          if (owner === foreign.owner) continue;
          assert.equal(owner, name === shown ? 'human:me' : 'agent:me', name);
        }
        const { moves } = world;
        world.settle();
        assert.equal(world.moves, moves, 'at rest nothing moves');
      }),
      { numRuns: 300 },
    );
  });

  it('OWN-6 F1 and F2 in remote focus release the old one and claim the new one in the same step', () => {
    const world = new World();
    for (const at of ['a', 'a', 'b']) world.make(at, unset);
    world.observe(control('toggle-focus'));
    world.settle();
    const told = (fact: Fact) => reduce(world.fleet, fact, { nowMs: 0, install: 'me' }).effects.map((effect) => `${effect.kind} ${placeOf(effect)}`);
    const [first = '', second = '', other = ''] = [...world.owners().keys()];
    assert.deepEqual(told(control('next-session')), [`release ${first}`, `claim ${second}`]);
    assert.deepEqual(told(control('next-host')), [`release ${first}`, `claim ${other}`]);
    assert.deepEqual(told(control('toggle-focus')), [`release ${first}`]);
    assert.deepEqual(told(control('toggle-wake')), []);
  });

  it('OWN-6 KEY-2 the first session that returns to an empty host is claimed in remote focus and the agent\'s else', () => {
    for (const focus of ['remote', 'agent'] as const) {
      const world = new World();
      world.observe({ kind: 'selected', alias: 'b', id: null, focus });
      world.make('b', unset);
      world.make('b', unset);
      world.settle();
      assert.deepEqual([...world.owners().values()], [focus === 'remote' ? 'human:me' : 'agent:me', 'agent:me']);
    }
  });

  it('DISC-13 a session of another cockpit is left alone, on view or not', () => {
    const world = new World();
    world.make('a', foreign);
    world.observe(control('toggle-focus'));
    assert.deepEqual(world.waiting, []);
    assert.deepEqual(world.fleet.hosts[0]?.sessions[0]?.ownership, { kind: 'foreign', supervisor: 'elsewhere', epoch: 7 });
  });

  it('OWN-6 a claim whose answer was lost is seen at the next listing, and not made again', () => {
    const world = new World();
    world.make('a', unset);
    world.settle();
    world.observe(control('toggle-focus'));
    world.run(true);
    const { moves } = world;
    world.list('a');
    world.settle();
    assert.equal(world.moves, moves);
    assert.deepEqual([...world.owners().values()], ['human:me']);
  });

  it('OWN-6 what a key at the remote claimed stays so until it is given back or the host does not want it any more', () => {
    const byKey: OwnershipMark = { owner: 'human:me', epoch: 3, supervisor: 'here', typed: true };
    const configured = (claimOnAnyKey: boolean): Fact => ({ kind: 'configured', config: someConfig({ hosts: aliases.map((alias) => someHostConfig({ alias, transport: 'local', claimOnAnyKey })) }), remembered: { wake: {}, selected: {} } });
    const kinds = (world: World) => world.waiting.map(({ kind }) => kind);
    const world = new World();
    world.observe(configured(true));
    world.make('a', byKey);
    world.observe(control('next-host'));
    assert.deepEqual(kinds(world), []);
    world.observe({ kind: 'given-back', alias: 'a', id: world.fleet.hosts[0]?.sessions[0]?.observed.id ?? assert.fail() });
    assert.deepEqual(kinds(world), ['release']);
    const shown = new World();
    shown.observe(configured(true));
    shown.make('a', byKey);
    shown.observe(control('toggle-focus'));
    assert.deepEqual(kinds(shown), ['claim'], 'on view it becomes a claim like any other');
    const off = new World();
    off.observe(configured(true));
    off.make('a', byKey);
    off.observe(configured(false));
    assert.deepEqual(kinds(off), ['release']);
  });

  it('OWN-6 nothing is asked of a host that is away; what the view wants by then is asked when it is back', () => {
    const world = new World();
    world.make('a', unset);
    world.observe(control('toggle-focus'));
    world.settle();
    world.observe({ kind: 'host-link', alias: 'a', link: 'offline', error: 'lost' });
    world.observe(control('toggle-focus'));
    assert.deepEqual(world.waiting, []);
    assert.deepEqual([...world.owners().values()], ['human:me'], 'the remote still says so');
    world.settle();
    assert.deepEqual([...world.owners().values()], ['agent:me']);
  });
});
