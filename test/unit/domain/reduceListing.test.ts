import assert from 'node:assert/strict';
import type { Fact } from '../../../src/supervisor/domain/facts.ts';
import { emptyFleet, findHost, selectedRef, type Fleet } from '../../../src/supervisor/domain/fleet.ts';
import type { SessionId } from '../../../src/supervisor/domain/ids.ts';
import { reduce, type Effect } from '../../../src/supervisor/domain/reduce.ts';
import type { OwnershipMark, TmuxServer } from '../../../src/supervisor/domain/remoteSession.ts';
import { someConfig, someHostConfig, someObserved } from '../../support/fleet.ts';

const server: TmuxServer = { pid: 100, startTime: 1000 };
const ours: OwnershipMark = { owner: 'agent:me', epoch: 1, supervisor: 'here' };
const nothing = { wake: {}, selected: {} };

/** Runs facts one after another. */
function after(fleet: Fleet, ...facts: Fact[]): { fleet: Fleet; effects: Effect[] } {
  let now: { fleet: Fleet; effects: Effect[] } = { fleet, effects: [] };
  for (const fact of facts) now = reduce(now.fleet, fact, { nowMs: 1, install: 'me' });
  return now;
}
const configured = (...hosts: Parameters<typeof someHostConfig>[0][]): Fact => ({ kind: 'configured', config: someConfig({ hosts: hosts.map(someHostConfig) }), remembered: nothing });
const online = (alias: string): Fact => ({ kind: 'host-link', alias, link: 'online', error: null });
const listed = (alias: string, ids: string, life: TmuxServer | null = server, mark = ours): Fact => ({
  kind: 'host-sessions',
  alias,
  server: life,
  sessions: Array.from(ids, (n) => someObserved({ id: `$${Number(n)}`, name: `cockpit-${n}`, mark })),
});
const mains = (effects: Effect[]) => effects.filter(({ kind }) => kind === 'create-main').length;
const shownId = (fleet: Fleet): SessionId | null => selectedRef(fleet)?.id ?? null;

describe('listings', () => {
  const ssh = after(emptyFleet, configured({ alias: 'box' }), online('box')).fleet;
  const local = after(emptyFleet, configured({ alias: 'box', transport: 'local' }), online('box')).fleet;

  it('DISC-4 the first listing of an empty host makes cockpit-main, whatever its transport, focus or selection', () => {
    for (const fleet of [ssh, local, { ...ssh, focus: 'remote' as const }, { ...ssh, selectedAlias: null }]) assert.equal(mains(after(fleet, listed('box', '', null)).effects), 1);
    assert.equal(mains(after(ssh, listed('box', '0')).effects), 0);
  });

  it('OWN-2 the version of tmux comes with the first listing, so nothing is asked of one that is too old', () => {
    const first = { ...listed('box', '0', server, { owner: '', epoch: 0, supervisor: '' }), tmuxVersion: '3.1c' } as Fact;
    assert.deepEqual(after(ssh, first).effects, []);
    assert.deepEqual(after(ssh, { ...first, tmuxVersion: '3.2' } as Fact).effects.map(({ kind }) => kind), ['adopt']);
  });

  it('DISC-4 later only for ssh hosts, and only while they are in agent focus', () => {
    const gone = [listed('box', '0'), listed('box', '', null)];
    assert.equal(mains(after(ssh, ...gone).effects), 1);
    assert.equal(mains(after(local, ...gone).effects), 0);
    assert.equal(mains(after({ ...ssh, focus: 'remote' }, ...gone).effects), 0);
    assert.equal(mains(after(ssh, configured({ alias: 'box' }, { alias: 'far' }), { kind: 'selected', alias: 'far', id: null, focus: null }, ...gone).effects), 0);
  });

  it('DISC-4 KEY-2 an empty ssh host that comes into agent focus gets one, once', () => {
    const empty = after({ ...ssh, focus: 'remote' }, listed('box', '0'), listed('box', '', null)).fleet;
    const toggled = after(empty, { kind: 'control', control: 'toggle-focus' });
    assert.equal(mains(toggled.effects), 1);
    assert.equal(mains(after(toggled.fleet, { kind: 'control', control: 'toggle-wake' }).effects), 0, 'it is asked for once');
    assert.equal(mains(after(toggled.fleet, { kind: 'control', control: 'toggle-focus' }).effects), 0);
    assert.equal(mains(after(empty, { kind: 'host-link', alias: 'box', link: 'offline', error: 'gone' }, { kind: 'control', control: 'toggle-focus' }).effects), 0, 'nobody knows what runs there now');
  });

  it('KEY-2 a selected session that goes away gives place to the next one, else to the one before', () => {
    const fleet = after(ssh, listed('box', '0123'), { kind: 'selected', alias: 'box', id: '$2', focus: null }).fleet;
    assert.equal(shownId(after(fleet, listed('box', '013')).fleet), '$3');
    assert.equal(shownId(after(fleet, listed('box', '01')).fleet), '$1');
    assert.equal(shownId(after(fleet, listed('box', '0123')).fleet), '$2');
    assert.equal(shownId(after(fleet, listed('box', '', null)).fleet), null);
    assert.equal(shownId(after(fleet, listed('box', '', null), listed('box', '5')).fleet), '$5');
  });

  it('DISC-5 a rename and a new title change labels only; the same name with a new id is another session', () => {
    const fleet = after(ssh, listed('box', '0'), { kind: 'agent', key: 'box~0', status: { state: 'idle', threadId: 't', model: 'm', tokens: 5, error: null } }).fleet;
    const key = fleet.hosts[0]?.sessions[0]?.key ?? '';
    const known = after(fleet, { kind: 'agent', key, status: { state: 'idle', threadId: 't', model: 'm', tokens: 5, error: null } }).fleet;
    const renamed = after(known, { kind: 'host-sessions', alias: 'box', server, sessions: [someObserved({ id: '$0', name: 'cockpit-new', mark: ours })] }).fleet.hosts[0]?.sessions[0];
    assert.deepEqual([renamed?.key, renamed?.observed.name, renamed?.agent.threadId], [key, 'cockpit-new', 't']);
    const other = after(known, { kind: 'host-sessions', alias: 'box', server, sessions: [someObserved({ id: '$1', name: 'cockpit-0', mark: ours })] }).fleet.hosts[0]?.sessions[0];
    assert.notEqual(other?.key, key);
    assert.equal(other?.agent.threadId, null);
  });

  it('DISC-5 OWN-3 a new tmux server with the same session id is adopted anew, and the old life is not what it holds', () => {
    const life = { pid: 200, startTime: 2000 };
    const before = after(ssh, listed('box', '0'));
    assert.deepEqual(before.effects, []);
    const restarted = after(before.fleet, listed('box', '0', life, { owner: '', epoch: 0, supervisor: '' }));
    assert.deepEqual(restarted.effects, [{ kind: 'adopt', ref: { alias: 'box', id: '$0' } }]);
    assert.equal(restarted.fleet.hosts[0]?.sessions[0]?.ownership.kind, 'unread');
    const adopted = after(restarted.fleet, { kind: 'ownership', alias: 'box', id: '$0', mark: { ...ours, epoch: 2 }, server: life });
    assert.deepEqual(adopted.fleet.hosts[0]?.sessions[0]?.ownership, { kind: 'ours', owner: 'agent', epoch: 2, server: life, sinceMs: 1 });
    assert.deepEqual(adopted.effects, []);
  });

  it('DISC-6 a lost link keeps the sessions, shows them offline and forgets who owns them until they are read again', () => {
    const fleet = after(ssh, listed('box', '01')).fleet;
    const lost = after({ ...fleet, focus: 'remote' }, { kind: 'host-link', alias: 'box', link: 'offline', error: 'no route' });
    assert.deepEqual(lost.effects, []);
    const host = findHost(lost.fleet, 'box');
    assert.deepEqual([host?.error, host?.sessions.map(({ state, ownership }) => [state, ownership.kind])], ['no route', [['offline', 'unread'], ['offline', 'unread']]]);
    const back = after(lost.fleet, online('box'), listed('box', '01'));
    assert.deepEqual(back.effects, [{ kind: 'claim', ref: { alias: 'box', id: '$0' } }]);
    assert.ok(back.fleet.hosts[0]?.sessions.every(({ state }) => state !== 'offline'));
  });

  it('PAIR-5 a new configuration keeps what is known of hosts that stay where they are, and their order is the new one', () => {
    const fleet = after(emptyFleet, configured({ alias: 'a' }, { alias: 'b' }), online('a'), listed('a', '01'), { kind: 'selected', alias: 'a', id: '$1', focus: null }).fleet;
    const turned = after(fleet, configured({ alias: 'b' }, { alias: 'a', approvals: 'ask' })).fleet;
    assert.deepEqual(turned.hosts.map(({ config }) => config.alias), ['b', 'a']);
    assert.deepEqual([turned.selectedAlias, shownId(turned), findHost(turned, 'a')?.config.approvals], ['a', '$1', 'ask']);
    const moved = findHost(after(fleet, configured({ alias: 'a', sshTarget: 'elsewhere' })).fleet, 'a');
    assert.deepEqual([moved?.link, moved?.sessions.length, moved?.listedAtMs], ['connecting', 0, null]);
    const removed = after(fleet, configured({ alias: 'b' })).fleet;
    assert.equal(removed.selectedAlias, 'b');
    assert.equal(after(fleet, configured()).fleet.selectedAlias, null);
  });
});
