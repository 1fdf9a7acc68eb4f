import assert from 'node:assert/strict';
import { statusView, type StatusView } from '../../../src/supervisor/protocol/statusView.ts';
import { needCount, plain, rowsOf } from '../../../src/views/treeItems.ts';

const session = (id: string, name: string, state: string, fields: object = {}) => ({
  id, name, key: `a-${id}`, state, owner: 'agent', epoch: 1, supervisedBy: null, claimAgeMs: null, title: '', account: null,
  agent: { state: 'idle', threadId: null, model: 'm', workdir: '/w', error: null }, pendingRotation: null, nudges: { sent: 0, useful: 0, tokens: 0, off: null }, ...fields,
});
const host = (alias: string, sessions: object[]) => ({ alias, state: 'online', lastError: null, ageMs: 0, wake: true, tmux: '3.3a', facts: null, selectedSession: null, sessions });
const status = (...hosts: object[]): StatusView =>
  statusView.parse({ version: '0', dataDir: '/d', supervisor: { running: true, pid: 1, owner: 'vscode', since: null, notices: [] }, selected: { host: 'a', session: '$1', focus: 'remote' }, hosts });

describe('rows of the tree', () => {
  it('VSC-2 text of a remote stays text: no icon, no link, no invisible character', () => {
    assert.equal(plain('$(error) [go](command:cockpit.down)'), '$ (error) [go] (command:cockpit.down)');
    assert.equal(plain('a\u202eb\n'), 'a\\u{202e}b\\u{a}');
    assert.equal(plain('x'.repeat(500)).length, 128);
  });

  it('VSC-2 VSC-6 sorted by need, those that need somebody come first, on their host and among hosts', () => {
    const shown = status(host('a', [session('$1', 'cockpit-one', 'shell')]), host('b', [session('$2', 'cockpit-two', 'idle'), session('$3', 'cockpit-three', 'needs-input')]));
    assert.equal(needCount(shown), 1);
    assert.deepEqual(rowsOf(shown, { filter: '', sortByNeed: true }).map((row) => [row.label, row.children.map((child) => child.label)]), [['b', ['three', 'two']], ['a', ['one']]]);
    assert.deepEqual(rowsOf(shown, { filter: 'THREE', sortByNeed: false }).flatMap((row) => row.children.map((child) => child.label)), ['three']);
  });

  it('OWN-2 VSC-2 a refused write of the agent is in the row, for eyes and for a screen reader', () => {
    const [row] = rowsOf(status(host('a', [session('$1', 'cockpit-one', 'shell', { owner: 'human', claimAgeMs: 5_000, lastRefusal: { tool: 'send_text', reason: 'human-owns', ageMs: 1 } })])), { filter: '', sortByNeed: false });
    for (const text of [row?.children[0]?.description, row?.children[0]?.speech]) assert.match(text ?? '', /agent's send_text refused: you write/);
  });

  it('ACCT-7 ACCT-4 the tooltip has the account with its windows, and what the session waits for', () => {
    const limits = [{ label: '5h', minutes: 300, usedPercent: 40.2, resetsAt: null }, { label: 'weekly', minutes: 10_080, usedPercent: 12, resetsAt: '2026-03-01T10:00:00Z' }];
    const pendingRotation = { from: 'work', reason: 'limit', attempts: 2, nextTryAt: '2026-03-01T10:00:00Z' };
    const shown = status(host('a', [session('$1', 'cockpit-one', 'shell', { account: 'work', pendingRotation })]));
    const [row] = rowsOf({ ...shown, accounts: [{ key: 'work', email: 'me@example.com', state: 'ready', exhaustedUntil: null, limits, installedAt: [] }] }, { filter: '', sortByNeed: false });
    assert.match(row?.children[0]?.tooltip ?? '', /^account: work, ready, 5h 40 %, weekly 12 % \(resets [\d-]{10} \d\d:\d\d\)$/m);
    assert.match(row?.children[0]?.tooltip ?? '', /^rotation from work: no account is ready, try 3 at [\d-]{10} \d\d:\d\d$/m);
  });
});
