import fc from 'fast-check';

/** Two agents of install a, one of b; an operator of each; a third person with a tmux client that knows nothing of cockpit. */
export const actors = ['agent a1', 'agent a2', 'agent b1', 'operator a', 'operator b', 'person'] as const;
export type ActorName = (typeof actors)[number];
type Agent = Extract<ActorName, `agent ${string}`>;
type Operator = Extract<ActorName, `operator ${string}`>;

/** What an actor does. `pane` counts the panes that the session started with. */
export type Deed =
  | { by: Agent; do: 'look' }
  | { by: Agent; do: 'write'; payload: 'keys' | 'paste'; bytes: Uint8Array; /** the link is cut right behind it */ cut: 'no' | 'delivers' | 'loses' }
  | { by: Operator; do: 'adopt' | 'claim' | 'release' | 'take-over' }
  | { by: 'person'; do: 'key' | 'copy-mode' | 'choose-mode' | 'copy-mode by process' | 'select-pane' | 'input-off' | 'kill-pane' | 'end-program'; pane: number }
  | { by: 'person'; do: 'synchronize'; on: boolean }
  | { by: 'person'; do: 'rename'; name: string }
  | { by: 'person'; do: 'new-window' | 'group' | 'own-group' | 'kill-session' }
  | { by: ActorName; do: 'cut'; delivers: boolean };

/** A deed, how long its way there and its answer's way back take, and what its actor does then: goes on at once, lets others run, or waits for the answer. */
export type Step = { deed: Deed; outMs: number; backMs: number; then: 'on' | 'turn' | 'answer' };

/** What happens to one session. */
export type Schedule = { panes: 'one' | 'split' | 'windows'; isAdopted: boolean; steps: Step[] };

const agent = fc.constantFrom<Agent[]>('agent a1', 'agent a1', 'agent a2', 'agent a2', 'agent b1');
const operator = fc.constantFrom<Operator[]>('operator a', 'operator a', 'operator a', 'operator b');
/** The first value but for one time in twenty. */
const mostly = <T>(usual: T, ...others: T[]): fc.Arbitrary<T> => fc.oneof({ weight: 19, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
const pane = fc.nat({ max: 2 });
const oddNames = ['cockpit-é漢', 'x', '$7', '%3', '@1', 'cockpit-#(touch x)', "it's", 'a b\tc', '=exact', '-t', '{left}'];

/** Deeds that would leave nothing to look at once the guard is gone: tmux 3.3 crashes when it pastes into a dead pane, and a tree takes bytes as orders. */
export type Perils = { endProgram: boolean; chooseMode: boolean };

const deed = ({ endProgram, chooseMode }: Perils): fc.Arbitrary<Deed> => fc.oneof(
  { weight: 30, arbitrary: fc.record({ by: agent, do: fc.constant('write' as const), payload: fc.constantFrom('keys' as const, 'paste' as const), bytes: fc.uint8Array({ maxLength: 24 }), cut: mostly('no' as const, 'delivers' as const, 'loses' as const) }) },
  { weight: 22, arbitrary: fc.record({ by: agent, do: fc.constant('look' as const) }) },
  { weight: 22, arbitrary: fc.record({ by: operator, do: fc.constantFrom('claim' as const, 'claim' as const, 'release' as const, 'release' as const, 'release' as const, 'take-over' as const, 'adopt' as const) }) },
  { weight: 9, arbitrary: fc.record({ by: fc.constant('person' as const), do: fc.constantFrom('key' as const, 'key' as const, 'copy-mode' as const, ...(chooseMode ? ['choose-mode' as const] : ['copy-mode' as const]), 'select-pane' as const, 'select-pane' as const), pane }) },
  { weight: 3, arbitrary: fc.record({ by: fc.constant('person' as const), do: fc.constant('synchronize' as const), on: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ by: fc.constant('person' as const), do: fc.constant('rename' as const), name: fc.constantFrom(...oddNames) }) },
  { weight: 2, arbitrary: fc.record({ by: fc.constant('person' as const), do: fc.constantFrom('new-window' as const, 'group' as const, 'own-group' as const) }) },
  { weight: 1, arbitrary: fc.record({ by: fc.constant('person' as const), do: fc.constantFrom('copy-mode by process' as const, 'input-off' as const, 'kill-pane' as const, ...(endProgram ? ['end-program' as const] : [])), pane }) },
  { weight: 1, arbitrary: fc.record({ by: fc.constant('person' as const), do: fc.constantFrom('kill-session' as const) }) },
  { weight: 2, arbitrary: fc.record({ by: fc.constantFrom(...actors), do: fc.constant('cut' as const), delivers: fc.boolean() }) },
);

const delayMs = fc.constantFrom(0, 0, 0, 0, 1, 3);
const step = (perils: Perils): fc.Arbitrary<Step> => fc.record({ deed: deed(perils), outMs: delayMs, backMs: delayMs, then: fc.constantFrom('on' as const, 'turn' as const, 'answer' as const, 'answer' as const) });

/** Any schedule. */
export function schedules(perils: Perils): fc.Arbitrary<Schedule> {
  return fc.record({
    panes: fc.constantFrom('one' as const, 'one' as const, 'split' as const, 'windows' as const),
    isAdopted: fc.constantFrom(true, true, true, false),
    steps: fc.array(step(perils), { minLength: 1, maxLength: 24, size: 'max' }),
  });
}
