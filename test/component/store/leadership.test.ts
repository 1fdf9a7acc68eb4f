import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { acquireLeadership, waitForLeadership, type Leadership } from '../../../src/supervisor/adapters/store/leadership.ts';
import { codeOf, HumanError } from '../../../src/supervisor/base/errors.ts';
import { startChild, type TestChild } from '../../support/child.ts';
import { storeChildPath, storeFixture, type StoreFixture } from '../../support/storeFixture.ts';

describe('leadership', () => {
  let fixture: StoreFixture;
  let child: TestChild | undefined;
  let held: Leadership[] = [];
  const acquire = () => {
    const leadership = acquireLeadership(fixture.paths.leaderDb);
    if (leadership) held.push(leadership);
    return leadership;
  };
  const startLeader = async () => {
    child = startChild(process.execPath, [storeChildPath, 'lead', fixture.paths.dataDir]);
    return child.next();
  };
  beforeEach(async () => {
    fixture = await storeFixture();
  });
  afterEach(async () => {
    await child?.kill();
    child = undefined;
    for (const leadership of held) leadership.release();
    held = [];
    await fixture.dispose();
  });

  it('REL-3 of two supervisors on one data directory only one leads, in one process or in two', async () => {
    const first = acquire();
    assert.ok(first?.isHeld);
    assert.equal(acquire(), null);
    assert.equal(acquire(), null);
    assert.equal(await startLeader(), 'refused');
    first.release();
    assert.equal(first.isHeld, false);
    assert.ok(acquire());
  });

  it('REL-1 kill -9 of the leader frees the lock at once', async () => {
    assert.equal(await startLeader(), 'leading');
    assert.equal(acquire(), null);
    await child?.kill();
    assert.ok(acquire());
  });

  it('REL-3 ten processes at once: one leads', async () => {
    const children = Array.from({ length: 10 }, () => startChild(process.execPath, [storeChildPath, 'lead', fixture.paths.dataDir]));
    try {
      const answers = await Promise.all(children.map((one) => one.next()));
      assert.deepEqual(answers.filter((answer) => answer === 'leading').length, 1);
    } finally {
      await Promise.all(children.map((one) => one.kill()));
    }
  });

  it('REL-3 the standby takes over when the leader is killed, and its wait can be ended', async () => {
    assert.equal(await startLeader(), 'leading');
    const ended = new AbortController();
    const given = waitForLeadership(fixture.paths.leaderDb, ended.signal);
    ended.abort(new Error('enough'));
    await assert.rejects(given, /enough/);
    const taken = waitForLeadership(fixture.paths.leaderDb, new AbortController().signal);
    const killedMs = performance.now();
    await child?.kill();
    held.push(await taken);
    assert.ok(performance.now() - killedMs < 1000);
  });

  it('REL-3 a damaged leader.db is explained', async () => {
    await writeFile(fixture.paths.leaderDb, 'not a database, and long enough to be read as one'.repeat(100), { mode: 0o600 });
    assert.throws(acquire, (error) => error instanceof HumanError && codeOf(error) === 'leader-db-damaged' && error.message.includes('delete it'));
  });
});
