import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { someIntent, storeChildPath, storeFixture, type StoreFixture } from '../../support/storeFixture.ts';
import { startChild, type TestChild } from '../../support/child.ts';
import { until } from '../../support/until.ts';

describe('durability of the audit', () => {
  let fixture: StoreFixture;
  let child: TestChild | undefined;
  beforeEach(async () => {
    fixture = await storeFixture();
  });
  afterEach(async () => {
    await child?.kill();
    child = undefined;
    await fixture.dispose();
  });

  it('REL-1 OWN-7 kill -9 in the middle of writing, 30 times: no acknowledged row is lost, every action has one outcome', async () => {
    const begun: string[] = [];
    const ended: string[] = [];
    for (let round = 0; round < 30; round++) {
      child = startChild(process.execPath, [storeChildPath, 'write', fixture.paths.dataDir]);
      const { lines } = child;
      const enough = 1 + ((round * 37) % 101);
      await until(() => lines.length > enough, { what: 'rows' });
      await child.kill();
      for (const line of lines) (line.startsWith('begun ') ? begun : ended).push(line.slice(6));
    }
    const store = fixture.open();
    const actions = new Map(store.listActions({ limit: 1_000_000 }).map((action) => [action.id, action]));
    assert.ok(begun.length > 300);
    assert.deepEqual(begun.filter((id) => !actions.has(id)), []);
    assert.deepEqual(ended.filter((id) => actions.get(id)?.outcome !== 'accepted'), []);
    assert.deepEqual([...actions.values()].filter((action) => action.outcome === null), []);
    assert.equal(store.verifyChain().ok, true);
  }).timeout(60_000);

  // A file system of 1 MB needs the right to mount (in an own namespace); a limit on the size of files is there for everybody.
  const namespace = [['-m'], ['-rm']].find((flags) => spawnSync('unshare', [...flags, 'sh', '-c', 'mount -t tmpfs none /mnt']).status === 0);
  if (namespace) {
    it('OWN-8 a full disk: no new action, and it goes on by itself when there is space again', async () => {
      const script = 'mount -t tmpfs -o size=1m,mode=0700 none "$1" && shift && exec "$@"';
      child = startChild('unshare', [...namespace, 'sh', '-c', script, 'sh', fixture.paths.dataDir, process.execPath, storeChildPath, 'full', fixture.paths.dataDir]);
      assert.equal(await child.next(), 'ready');
      assert.equal(await child.ask('begin'), 'begun');
      assert.equal(await child.ask('fill'), 'full');
      await refusesThenRecovers(child, () => child?.ask('free'));
    });
  }

  it('OWN-8 a file that may not grow: the same', async () => {
    const script = 'ulimit -S -f 512 && exec "$@"';
    child = startChild('sh', ['-c', script, 'sh', process.execPath, storeChildPath, 'full', fixture.paths.dataDir]);
    assert.equal(await child.next(), 'ready');
    assert.equal(await child.ask('begin'), 'begun');
    const { pid } = child.process;
    await refusesThenRecovers(child, () => spawnSync('prlimit', ['--pid', String(pid), '--fsize=unlimited:unlimited']));
  });

  it('OWN-8 beginAction is fast enough to stand in front of every write', () => {
    const store = fixture.open();
    const tookMs = Array.from({ length: 300 }, () => {
      const startedMs = performance.now();
      store.beginAction(someIntent());
      return performance.now() - startedMs;
    }).sort((a, b) => a - b);
    assert.ok((tookMs[150] ?? Infinity) < 10, `median ${tookMs[150] ?? 0} ms`);
  });
});

async function refusesThenRecovers(child: TestChild, free: () => unknown): Promise<void> {
  let accepted = 1;
  while ((await child.ask('begin')) === 'begun') accepted++;
  // Each try gives the same answer, and an outcome is not lost although it cannot be written.
  assert.equal(await child.ask('begin'), 'error audit-unavailable');
  assert.equal(await child.ask('end'), 'ended');
  assert.equal(await child.ask('end'), 'error audit-ended-twice');
  await free();
  assert.equal(await child.ask('begin'), 'begun');
  const { chain, outcomes } = JSON.parse(await child.ask('check')) as { chain: { ok: boolean }; outcomes: (string | null)[] };
  assert.equal(chain.ok, true);
  assert.equal(outcomes.length, accepted + 1);
  assert.deepEqual(outcomes.filter((outcome) => outcome !== null), ['accepted']);
  assert.equal(outcomes[accepted - 1], 'accepted');
}
