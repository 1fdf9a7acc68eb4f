import assert from 'node:assert/strict';
import { coalesced } from '../../../src/supervisor/hosts/coalesced.ts';

describe('coalesced work', () => {
  it('DISC-2 a burst costs two runs, and every caller sees one that began after its call', async () => {
    const gates: (() => void)[] = [];
    const ask = coalesced(() => new Promise<void>((resolve) => gates.push(resolve)));
    const first = ask();
    const burst = [ask(), ask(), ask()];
    assert.equal(gates.length, 1);
    gates[0]?.();
    await first;
    await Promise.resolve();
    assert.equal(gates.length, 2);
    gates[1]?.();
    await Promise.all(burst);
    assert.equal(gates.length, 2);
    void ask();
    assert.equal(gates.length, 3);
  });

  it('DISC-2 a failed run does not stop the next one', async () => {
    let runs = 0;
    const ask = coalesced(async () => {
      runs += 1;
      await Promise.resolve();
      if (runs === 1) throw new Error('first');
    });
    const [first, second] = [ask(), ask()];
    await assert.rejects(first, /first/);
    await second;
    assert.equal(runs, 2);
  });
});
