import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import { z } from 'zod';
import { createToken } from '../../../src/supervisor/adapters/store/grants.ts';
import type { Pairing } from '../../../src/supervisor/adapters/store/pairings.ts';
import { codeOf } from '../../../src/supervisor/base/errors.ts';
import { storeFixture, type StoreFixture } from '../../support/storeFixture.ts';

const pairing: Pairing = {
  key: 'ai~1',
  alias: 'ai',
  sessionId: '$1',
  name: 'cockpit-main',
  threadId: null,
  mcpToken: 'token-of-the-agent',
  createdAt: '2026-01-01T00:00:00.000Z',
  archivedAt: null,
  serverPid: 7,
  serverStartTime: 1_700_000_000,
  lastEpoch: 3,
};

describe('tables of the store', () => {
  let fixture: StoreFixture;
  beforeEach(async () => {
    fixture = await storeFixture();
  });
  afterEach(() => fixture.dispose());

  it('PAIR-2 a pairing survives a restart with its thread', () => {
    const first = fixture.open();
    first.pairings.upsert(pairing);
    first.pairings.setThread('ai~1', 't1');
    first.pairings.renewTokens();
    const { mcpToken } = first.pairings.get('ai~1') ?? pairing;
    assert.notEqual(mcpToken, pairing.mcpToken);
    first.dispose();
    assert.deepEqual(fixture.open().pairings.list(), [{ ...pairing, threadId: 't1', mcpToken }]);
  });

  it('DISC-6 archived pairings are listed only when asked for, and come back', () => {
    const { pairings } = fixture.open();
    pairings.upsert(pairing);
    pairings.archive('ai~1', '2026-01-02T00:00:00.000Z');
    assert.deepEqual(pairings.list(), []);
    assert.equal(pairings.list({ includeArchived: true })[0]?.archivedAt, '2026-01-02T00:00:00.000Z');
    pairings.upsert(pairing);
    assert.deepEqual(pairings.get('ai~1'), pairing);
    assert.equal(pairings.get('ai~2'), null);
    for (const change of [() => pairings.archive('x', ''), () => pairings.setThread('x', 't'), () => pairings.recordEpoch('x', 1)]) {
      assert.throws(change, (error) => codeOf(error) === 'no-pairing');
    }
  });

  it('OWN-3 the recorded epoch only moves forward', () => {
    const { pairings } = fixture.open();
    pairings.upsert(pairing);
    assert.equal(pairings.recordEpoch('ai~1', 9), 9);
    assert.equal(pairings.recordEpoch('ai~1', 4), 9);
    pairings.upsert({ ...pairing, lastEpoch: 5 });
    assert.equal(pairings.get('ai~1')?.lastEpoch, 9);
  });

  it('PAIR-7 settings survive a restart; one of another shape is refused', () => {
    const first = fixture.open();
    const installId = first.installId();
    assert.match(installId, /^[0-9a-f]{16}$/);
    first.setSetting('down', true);
    first.setSetting('wake', { ai: false });
    first.setSetting('wake', { ai: true });
    first.dispose();
    const second = fixture.open();
    assert.equal(second.installId(), installId);
    assert.equal(second.getSetting('down', z.boolean()), true);
    assert.deepEqual(second.getSetting('wake', z.record(z.string(), z.boolean())), { ai: true });
    assert.equal(second.getSetting('focus', z.string()), null);
    assert.throws(() => second.getSetting('down', z.string()), (error) => codeOf(error) === 'setting-malformed');
  });

  it('MCP-1 a token opens its session until it expires, is revoked, or its pairing is archived', () => {
    const store = fixture.open();
    const now = '2026-06-01T12:00:00.000Z';
    const { token } = store.createGrant('ai~2', '2999-01-01T00:00:00.000Z');
    store.pairings.upsert({ ...pairing, mcpToken: createToken() });
    const agentToken = store.pairings.get('ai~1')?.mcpToken ?? '';
    const sessionOf = (given: string, at: string) => store.sessionOfToken(createHash('sha256').update(given).digest('hex'), at);
    assert.equal(sessionOf(token, now), 'ai~2');
    assert.equal(sessionOf(agentToken, now), 'ai~1');
    assert.equal(sessionOf('', now), null);
    assert.equal(sessionOf(`${token}x`, now), null);
    assert.equal(store.sessionOfToken('no hash', now), null);
    assert.equal(store.sessionOfToken(token, now), null);
    assert.equal(sessionOf(token, '2999-01-01T00:00:00.000Z'), null);
    store.pairings.archive('ai~1', now);
    assert.equal(sessionOf(agentToken, now), null);
    store.revokeGrants();
    assert.equal(sessionOf(token, now), null);
  });

  it('MCP-1 the token of a grant is not in the database', () => {
    const store = fixture.open();
    const { token } = store.createGrant('ai~2', '2999-01-01T00:00:00.000Z');
    const db = new Database(fixture.paths.stateDb, { readonly: true });
    try {
      assert.ok(!JSON.stringify(db.prepare('SELECT * FROM grant_token').all()).includes(token));
    } finally {
      db.close();
    }
  });
});
