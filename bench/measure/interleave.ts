/** A way to do something once; `perRound` is how often in a row, `run` resolves when it is done. */
export type Method = { perRound: number; run: () => Promise<unknown> };

/** Durations in ms of every method, each in every round, in an order that moves on from round to round: what disturbs the machine disturbs all of them. */
export async function interleave<Name extends string>(rounds: number, methods: Record<Name, Method>): Promise<Record<Name, number[]>> {
  const names = Object.keys(methods) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, number[]>;
  for (const name of names) await methods[name].run();
  for (let round = 0; round < rounds; round += 1) {
    for (const name of [...names.slice(round % names.length), ...names.slice(0, round % names.length)]) {
      const { perRound, run } = methods[name];
      for (let count = 0; count < perRound; count += 1) samples[name].push(await timed(run));
    }
  }
  return samples;
}

/** Milliseconds that `run` takes. */
async function timed(run: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await run();
  return performance.now() - startMs;
}
