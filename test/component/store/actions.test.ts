import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { codeOf } from '../../../src/supervisor/base/errors.ts';
import { someIntent, storeFixture, type StoreFixture } from '../../support/storeFixture.ts';

const nextTurn = () => new Promise((resolve) => { setImmediate(resolve); });

describe('audit', () => {
  let fixture: StoreFixture;
  beforeEach(async () => {
    fixture = await storeFixture();
  });
  afterEach(() => fixture.dispose());

  it('OWN-7 one row per action, with exactly one outcome', () => {
    const store = fixture.open();
    const id = store.beginAction(someIntent({ meta: { threadId: 't1' } }));
    assert.equal(store.listActions({ limit: 1 })[0]?.outcome, null);
    store.endAction(id, 'refused', 'human-owns');
    assert.throws(() => store.endAction(id, 'accepted', null), (error) => codeOf(error) === 'audit-ended-twice');
    const [action, ...more] = store.listActions({ limit: 10 });
    assert.deepEqual(more, []);
    assert.ok(action);
    const { at, endedAt, detail, ...rest } = action;
    assert.deepEqual(rest, { seq: 1, id, key: 'ai~1', host: 'ai', session: '$1', actor: 'agent', tool: 'send_text', kind: 'write', epoch: 3, meta: { threadId: 't1' }, outcome: 'refused', reason: 'human-owns' });
    assert.ok(at <= (endedAt ?? ''));
    assert.deepEqual(JSON.parse(detail), { bytes: 5, sha256: createHash('sha256').update('hello').digest('hex'), head: 'hello' });
  });

  it('OWN-7 a text is kept as its length, hash and first 200 characters, without credentials', () => {
    const store = fixture.open();
    const text = `${'ä'.repeat(190)} sk-proj-${'S3cret'.repeat(10)} ${'z'.repeat(300)}`;
    store.beginAction(someIntent({ detail: text }));
    store.beginAction(someIntent({ detail: { keys: ['Enter'], bytes: Buffer.from('x\0y'), password: 'p' } }));
    const [first, second] = store.listActions({ limit: 2 }).map((action) => JSON.parse(action.detail) as Record<string, unknown>);
    assert.deepEqual(first, { bytes: Buffer.byteLength(text), sha256: createHash('sha256').update(text).digest('hex'), head: `${'ä'.repeat(190)} [redacted` });
    assert.deepEqual(second, { keys: ['Enter'], bytes: { bytes: 3, sha256: createHash('sha256').update('x\0y').digest('hex'), head: 'x\0y' }, password: '[redacted]' });
  });

  it('OWN-7 lists by session, the newest or those behind a row', () => {
    const store = fixture.open();
    for (let n = 0; n < 6; n++) store.beginAction(someIntent({ key: n % 2 === 0 ? 'ai~1' : 'ai~2' }));
    const seqs = (query: Parameters<typeof store.listActions>[0]) => store.listActions(query).map((action) => action.seq);
    assert.deepEqual(seqs({ limit: 3 }), [4, 5, 6]);
    assert.deepEqual(seqs({ limit: 3, sinceSeq: 0 }), [4, 5, 6]);
    assert.deepEqual(seqs({ limit: 2, sinceSeq: 2 }), [3, 4]);
    assert.deepEqual(seqs({ limit: 9, key: 'ai~2' }), [2, 4, 6]);
  });

  it('REL-1 an action without outcome is unknown after the next start', () => {
    const first = fixture.open();
    first.beginAction(someIntent());
    first.endAction(first.beginAction(someIntent()), 'accepted', null);
    first.dispose();
    const second = fixture.open();
    assert.deepEqual(second.listActions({ limit: 9 }).map(({ outcome, reason }) => [outcome, reason]), [['unknown', 'supervisor ended'], ['accepted', null]]);
    assert.deepEqual(second.verifyChain(), { ok: true, rows: 4 });
  });

  it('OWN-7 OWN-8 a noted action is written in the next turn, with its outcome behind it, and in order with the rest', async () => {
    const store = fixture.open();
    const noted = store.noteAction(someIntent({ tool: 'claim' }));
    assert.deepEqual(store.listActions({ limit: 9 }), [], 'nobody waited for the disk');
    store.endAction(store.beginAction(someIntent()), 'accepted', null);
    store.endNote(noted, 'refused', 'foreign-owner');
    const last = store.noteAction(someIntent({ tool: 'kill' }));
    await nextTurn();
    assert.deepEqual(store.listActions({ limit: 9 }).map(({ tool, outcome }) => [tool, outcome]), [['claim', 'refused'], ['send_text', 'accepted'], ['kill', null]]);
    store.endNote(last, 'accepted', null);
    store.dispose();
    const again = fixture.open();
    assert.deepEqual(again.listActions({ limit: 1 }).map(({ tool, outcome }) => [tool, outcome]), [['kill', 'accepted']], 'written at the end');
    assert.equal(again.verifyChain().ok, true);
  });

  it('OWN-8 while the audit takes nothing a bounded number of rows waits, and none of them is lost or doubled', async () => {
    const store = fixture.open();
    const other = new Database(fixture.paths.stateDb);
    other.exec("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END");
    const tries: boolean[] = [];
    store.onDidTryToWrite((isWritten) => { tries.push(isWritten); });
    const ids = Array.from({ length: 1_100 }, () => store.noteAction(someIntent({ tool: 'claim' })));
    for (const id of ids) store.endNote(id, 'accepted', null);
    await nextTurn();
    assert.deepEqual(tries, [false]);
    assert.equal(ids.filter((id) => id === null).length, 100);
    assert.throws(() => store.beginAction(someIntent()), (error) => codeOf(error) === 'audit-unavailable');
    other.exec('DROP TRIGGER full');
    other.close();
    store.writeWaiting();
    store.writeWaiting();
    assert.deepEqual(store.listActions({ limit: 2_000 }).map(({ id, outcome }) => [id, outcome]), ids.filter((id) => id !== null).map((id) => [id, 'accepted']));
    assert.equal(store.verifyChain().ok, true);
  });

  it('OWN-7 rows cannot be changed or deleted through SQL', () => {
    const store = fixture.open();
    store.endAction(store.beginAction(someIntent()), 'accepted', null);
    const db = new Database(fixture.paths.stateDb);
    try {
      for (const table of ['audit', 'audit_outcome']) {
        assert.throws(() => db.exec(`DELETE FROM ${table}`), /append-only/);
        assert.throws(() => db.exec(`UPDATE ${table} SET at = ''`), /append-only/);
      }
    } finally {
      db.close();
    }
  });

  const forgeries: [what: string, sql: string, table: string, seq: number][] = [
    ['a changed detail', `UPDATE audit SET detail = '{}' WHERE seq = 2`, 'audit', 2],
    ['a changed epoch', `UPDATE audit SET epoch = NULL WHERE seq = 3`, 'audit', 3],
    ['a changed outcome', `UPDATE audit_outcome SET outcome = 'refused' WHERE seq = 1`, 'audit_outcome', 1],
    ['a deleted row', `DELETE FROM audit WHERE seq = 2`, 'audit', 2],
    ['a cut tail', `DELETE FROM audit_outcome WHERE seq = 3`, 'audit_outcome', 3],
    ['a row that was given a new hash', `UPDATE audit SET detail = '{}', hash = 'f' || substr(hash, 2) WHERE seq = 2`, 'audit', 2],
    ['two rows that changed places', `UPDATE audit SET seq = 9 WHERE seq = 1; UPDATE audit SET seq = 1 WHERE seq = 2; UPDATE audit SET seq = 2 WHERE seq = 9`, 'audit', 1],
  ];
  for (const [what, sql, table, seq] of forgeries) {
    it(`OWN-7 the chain shows ${what}`, () => {
      const store = fixture.open();
      for (let n = 0; n < 3; n++) store.endAction(store.beginAction(someIntent()), 'accepted', null);
      assert.deepEqual(store.verifyChain(), { ok: true, rows: 6 });
      const db = new Database(fixture.paths.stateDb);
      try {
        for (const name of ['audit_no_update', 'audit_no_delete', 'audit_outcome_no_update', 'audit_outcome_no_delete']) db.exec(`DROP TRIGGER ${name}`);
        db.pragma('foreign_keys = OFF');
        db.exec(sql);
      } finally {
        db.close();
      }
      const check = store.verifyChain();
      assert.ok(!check.ok);
      assert.deepEqual([check.table, check.brokenSeq], [table, seq]);
      assert.ok(check.why.length > 0);
    });
  }
});
