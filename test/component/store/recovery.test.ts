import assert from 'node:assert/strict';
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { isSound } from '../../../src/supervisor/adapters/store/database.ts';
import { replaceDamaged } from '../../../src/supervisor/adapters/store/recovery.ts';
import { codeOf, HumanError } from '../../../src/supervisor/base/errors.ts';
import { createLogger } from '../../../src/supervisor/base/logger.ts';
import { someIntent, storeFixture, type StoreFixture } from '../../support/storeFixture.ts';

describe('recovery of the database', () => {
  let fixture: StoreFixture;
  beforeEach(async () => {
    fixture = await storeFixture();
  });
  afterEach(() => fixture.dispose());

  const overwritePage = (page: number) => {
    const fd = openSync(fixture.paths.stateDb, 'r+');
    writeSync(fd, Buffer.alloc(4096, 0xa5), 0, 4096, (page - 1) * 4096);
    closeSync(fd);
  };
  const damages: [what: string, damage: () => void][] = [
    ['a page is overwritten', () => overwritePage(3)],
    ['the header is overwritten', () => overwritePage(1)],
    ['the file is cut', () => truncateSync(fixture.paths.stateDb, 8192)],
    ['the file is something else', () => writeFileSync(fixture.paths.stateDb, 'hello '.repeat(2000))],
  ];
  for (const [what, damage] of damages) {
    it(`REL-2 ${what}: set aside, the newest backup is back, and it is said, within 5 s`, () => {
      const first = fixture.open();
      for (let n = 0; n < 100; n++) first.setSetting(`key${n}`, 'x'.repeat(200));
      first.backup();
      first.setSetting('after', true);
      first.dispose();
      damage();
      const lines: string[] = [];
      const startedMs = performance.now();
      const second = fixture.open(createLogger((line) => lines.push(line)));
      assert.ok(performance.now() - startedMs < 5000);
      assert.match(second.recovered ?? '', /state\.db was damaged .*set aside as state\.db\.corrupt-.*the backup state-.*\.db took its place/);
      assert.ok(lines.some((line) => line.includes(' error ') && line.includes('was damaged')));
      assert.equal(second.getSetting('key99', z.string()), 'x'.repeat(200));
      assert.equal(second.getSetting('after', z.boolean()), null);
      second.endAction(second.beginAction(someIntent()), 'accepted', null);
      assert.equal(second.verifyChain().ok, true);
      second.dispose();
      assert.equal(readdirSync(fixture.paths.dataDir).filter((name) => name.startsWith('state.db.corrupt-')).length, 1);
      assert.ok(!existsSync(`${fixture.paths.stateDb}.restoring`));
      assert.equal(fixture.open().recovered, null);
    });
  }

  it('REL-2 a journal of the damaged file is never applied to the one that takes its place', () => {
    fixture.open().dispose();
    for (const suffix of ['', '-wal', '-shm']) writeFileSync(fixture.paths.stateDb + suffix, `damaged${suffix}`);
    assert.match(replaceDamaged(fixture.paths, isSound), /there is no backup, so it starts empty/);
    const aside = readdirSync(fixture.paths.dataDir).filter((name) => name.startsWith('state.db.corrupt-')).sort();
    assert.deepEqual(aside.map((name) => readFileSync(join(fixture.paths.dataDir, name), 'utf8')), ['damaged', 'damaged-shm', 'damaged-wal']);
    assert.deepEqual(readdirSync(fixture.paths.dataDir).filter((name) => name.startsWith('state.db') && !name.includes('corrupt')), ['state.db']);
    assert.equal(fixture.open().recovered, null);
  });

  it('REL-2 a backup that is damaged too is passed over', () => {
    const first = fixture.open();
    first.setSetting('a', 1);
    first.backup();
    const second = first.backup();
    first.dispose();
    truncateSync(second, 5000);
    truncateSync(fixture.paths.stateDb, 5000);
    const store = fixture.open();
    assert.equal(store.getSetting('a', z.number()), 1);
  });

  it('REL-2 five backups are kept, private and whole', () => {
    const store = fixture.open();
    const made = Array.from({ length: 7 }, (_, n) => {
      store.setSetting('n', n);
      return store.backup();
    });
    assert.deepEqual(readdirSync(fixture.paths.backups).sort(), made.slice(2).map((path) => path.slice(fixture.paths.backups.length + 1)));
    assert.equal(statSync(made[6] ?? '').mode & 0o777, 0o600);
    const db = new Database(made[6] ?? '', { readonly: true });
    try {
      assert.deepEqual(db.prepare("SELECT value FROM setting WHERE key = 'n'").pluck().get(), '6');
    } finally {
      db.close();
    }
  });

  it('REL-2 a database of a newer cockpit is left alone', () => {
    fixture.open().dispose();
    const db = new Database(fixture.paths.stateDb);
    db.pragma('user_version = 999');
    db.close();
    assert.throws(() => fixture.open(), (error) => error instanceof HumanError && codeOf(error) === 'database-newer');
    assert.deepEqual(readdirSync(fixture.paths.dataDir).filter((name) => name.includes('corrupt')), []);
  });

  it('CONF-1 the database, its journal and its folders are private', () => {
    const store = fixture.open();
    store.setSetting('a', 1);
    for (const path of [fixture.paths.stateDb, `${fixture.paths.stateDb}-wal`, `${fixture.paths.stateDb}-shm`]) assert.equal(statSync(path).mode & 0o777, 0o600, path);
    for (const path of [fixture.paths.dataDir, fixture.paths.backups]) assert.equal(statSync(path).mode & 0o777, 0o700, path);
  });
});
