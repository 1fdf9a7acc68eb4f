import type { Clock } from './base/clock.ts';
import { Emitter } from './base/event.ts';
import { emptyFleet, type Fleet, type Focus } from './domain/fleet.ts';
import type { Fact } from './domain/facts.ts';
import { builtInMarkers, type Markers } from './domain/markers.ts';
import { ownershipEffects, reduce, type Effect } from './domain/reduce.ts';

/** One step of the fleet: what it was, what it is, and what happened. */
export type FleetChange = { before: Fleet; fleet: Fleet; fact: Fact };

/** Holds the only mutable state of the supervisor: the fleet. Facts come in, effects and changes go out; a fact that changes nothing is silent. */
export class Supervisor {
  #fleet: Fleet;
  readonly #clock: Clock;
  readonly #install: string;
  readonly #markers: () => Markers;
  readonly #runEffect: (effect: Effect) => void;
  readonly #changed = new Emitter<FleetChange>();
  readonly onDidChange = this.#changed.event;

  constructor(deps: { clock: Clock; install: string; /** signs of states in force */ markers?: () => Markers; focus: Focus; selectedAlias: string | null; runEffect: (effect: Effect) => void }) {
    this.#clock = deps.clock;
    this.#install = deps.install;
    this.#markers = deps.markers ?? (() => builtInMarkers);
    this.#runEffect = deps.runEffect;
    this.#fleet = { ...emptyFleet, focus: deps.focus, selectedAlias: deps.selectedAlias };
  }

  get fleet(): Fleet {
    return this.#fleet;
  }

  /** Asks for what is still to be done, though nothing happened: what failed is tried again. */
  askAgain(): void {
    for (const effect of ownershipEffects(this.#fleet)) this.#runEffect(effect);
  }

  observe(fact: Fact): void {
    const before = this.#fleet;
    const { fleet, effects } = reduce(before, fact, { nowMs: this.#clock.nowMs(), install: this.#install, markers: this.#markers() });
    this.#fleet = fleet;
    for (const effect of effects) this.#runEffect(effect);
    this.#changed.fire({ before, fleet, fact });
  }
}
