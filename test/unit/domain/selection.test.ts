import assert from 'node:assert/strict';
import fc from 'fast-check';
import { emptyFleet, newSession, selectedRef, type Fleet, type RemoteSession } from '../../../src/supervisor/domain/fleet.ts';
import { applyControl, controls, needsPerson, select } from '../../../src/supervisor/domain/selection.ts';
import { someHost, someHostConfig, someObserved } from '../../support/fleet.ts';

/** Hosts `a`, `b`, … with sessions `$0`, `$1`, …; `!` marks those that need a person: `fleetOf('..', '', '.!')`. The first of each is selected. */
function fleetOf(...hosts: string[]): Fleet {
  const made = hosts.map((marks, at) => {
    const alias = 'abcdefgh'.charAt(at);
    const sessions = Array.from(marks, (mark, n): RemoteSession => ({ ...newSession(alias, someObserved({ id: `$${n}` }), ''), state: mark === '!' ? 'needs-input' : 'working' }));
    return someHost({ config: someHostConfig({ alias }), sessions, selectedId: sessions[0]?.observed.id ?? null });
  });
  return { hosts: made, selectedAlias: made[0]?.config.alias ?? null, focus: 'agent' };
}

const shown = (fleet: Fleet): string => {
  const ref = selectedRef(fleet);
  return ref ? `${ref.alias}/${ref.id}` : `${fleet.selectedAlias ?? 'no host'}/-`;
};
const walk = (fleet: Fleet, control: (typeof controls)[number], steps: number): string[] => {
  let now = fleet;
  return Array.from({ length: steps }, () => shown((now = applyControl(now, control))));
};

describe('selection', () => {
  it('KEY-1 F1 and Shift-F1 go over all hosts, empty ones too, and wrap', () => {
    const fleet = fleetOf('..', '', '.');
    assert.deepEqual(walk(fleet, 'next-host', 4), ['b/-', 'c/$0', 'a/$0', 'b/-']);
    assert.deepEqual(walk(fleet, 'previous-host', 4), ['c/$0', 'b/-', 'a/$0', 'c/$0']);
  });

  it('KEY-1 F2 and Shift-F2 go over the sessions of this host only, and wrap', () => {
    const fleet = fleetOf('...', '..');
    assert.deepEqual(walk(fleet, 'next-session', 4), ['a/$1', 'a/$2', 'a/$0', 'a/$1']);
    assert.deepEqual(walk(fleet, 'previous-session', 4), ['a/$2', 'a/$1', 'a/$0', 'a/$2']);
  });

  it('KEY-1 every host keeps its own selected session', () => {
    const away = applyControl(applyControl(fleetOf('...', '..'), 'next-session'), 'next-host');
    assert.equal(shown(away), 'b/$0');
    assert.equal(shown(applyControl(away, 'previous-host')), 'a/$1');
  });

  it('KEY-2 F3 works on an empty host and without any host', () => {
    for (const fleet of [fleetOf(''), emptyFleet]) {
      const remote = applyControl(fleet, 'toggle-focus');
      assert.equal(remote.focus, 'remote');
      assert.equal(applyControl(remote, 'toggle-focus').focus, 'agent');
    }
  });

  it('WAKE-2 F5 switches the selected host alone', () => {
    const fleet = applyControl(applyControl(fleetOf('.', '.'), 'next-host'), 'toggle-wake');
    assert.deepEqual(fleet.hosts.map(({ wake }) => wake), [true, false]);
    assert.deepEqual(applyControl(fleet, 'toggle-wake').hosts.map(({ wake }) => wake), [true, true]);
  });

  it('KEY-1 with one session, one host or none, a key changes nothing that is shown', () => {
    for (const fleet of [fleetOf('.'), fleetOf(''), emptyFleet]) {
      for (const control of controls) assert.equal(shown(applyControl(fleet, control)), shown(fleet), control);
    }
  });

  it('CTL-1 next-attention goes to the next session that needs a person, on any host, and wraps; with none it stays', () => {
    const fleet = fleetOf('.!', '', '!.');
    assert.deepEqual(walk(fleet, 'next-attention', 3), ['a/$1', 'c/$0', 'a/$1']);
    assert.deepEqual(walk(fleetOf('..', '.'), 'next-attention', 1), ['a/$0']);
    assert.deepEqual(walk(fleetOf('', '.!'), 'next-attention', 2), ['b/$1', 'b/$1']);
  });

  it('CTL-1 next-attention starts with the one that has waited longest', () => {
    const fleet = fleetOf('.!', '!', '!');
    const since: Record<string, number> = { a: 300, b: 100, c: 200 };
    const aged: Fleet = { ...fleet, hosts: fleet.hosts.map((host) => ({ ...host, sessions: host.sessions.map((session) => ({ ...session, stateSinceMs: since[host.config.alias] ?? 0 })) })) };
    assert.deepEqual(walk(aged, 'next-attention', 4), ['b/$0', 'c/$0', 'a/$1', 'b/$0']);
  });

  it('CTL-1 who needs a person', () => {
    const states = ['needs-input', 'auth-needed', 'out-of-tokens', 'error', 'working', 'idle', 'shell', 'offline', 'unknown'];
    assert.deepEqual(states.filter((state) => needsPerson({ state })), ['needs-input', 'auth-needed', 'out-of-tokens', 'error']);
  });

  it('OWN-6 select takes host, session and focus, keeps what is not said, and ignores what is not there', () => {
    const fleet = fleetOf('..', '..');
    const there = select(fleet, 'b', '$1', 'remote');
    assert.deepEqual([shown(there), there.focus], ['b/$1', 'remote']);
    const kept = select(there, 'a', null, null);
    assert.deepEqual([shown(kept), kept.focus], ['a/$0', 'remote']);
    assert.equal(shown(select(fleet, 'b', '$9', null)), 'b/$0');
    assert.equal(select(fleet, 'nowhere', '$0', 'remote'), fleet);
  });

  const marks = fc.array(fc.string({ unit: fc.constantFrom('.', '!'), maxLength: 4 }), { maxLength: 5 });

  it('KEY-1 KEY-2 whatever is pressed: what is selected is there, the focus changes by F3 only, and back undoes forth', () => {
    fc.assert(
      fc.property(marks, fc.array(fc.constantFrom(...controls), { maxLength: 30 }), (hosts, presses) => {
        let fleet = fleetOf(...hosts);
        for (const control of presses) {
          const next = applyControl(fleet, control);
          assert.equal(next.focus !== fleet.focus, control === 'toggle-focus');
          const ref = selectedRef(next);
          const host = next.hosts.find(({ config }) => config.alias === next.selectedAlias);
          assert.equal(host === undefined, hosts.length === 0);
          assert.equal(ref === null, (host?.sessions.length ?? 0) === 0);
          if (ref) assert.ok(host?.sessions.some(({ observed }) => observed.id === ref.id));
          fleet = next;
        }
        assert.equal(shown(applyControl(applyControl(fleet, 'next-host'), 'previous-host')), shown(fleet));
        assert.equal(shown(applyControl(applyControl(fleet, 'previous-session'), 'next-session')), shown(fleet));
      }),
    );
  });

  it('KEY-1 as many presses as there are hosts or sessions pass each once and come back', () => {
    fc.assert(
      fc.property(marks, fc.constantFrom('next-host', 'previous-host', 'next-session', 'previous-session'), (hosts, control) => {
        const fleet = fleetOf(...hosts);
        const isHost = control.endsWith('host');
        const count = isHost ? hosts.length : (hosts[0]?.length ?? 0);
        const seen = walk(fleet, control, count).map((place) => (isHost ? place.split('/')[0] : place));
        assert.equal(new Set(seen).size, count);
        if (count > 0) assert.equal(walk(fleet, control, count).at(-1), shown(fleet));
      }),
    );
  });

  it('KEY-1 a host without a selection, whose sessions came back, starts at the first', () => {
    const fleet = fleetOf('..');
    const lost: Fleet = { ...fleet, hosts: fleet.hosts.map((host) => ({ ...host, selectedId: '$7' })) };
    assert.equal(shown(applyControl(lost, 'next-session')), 'a/$0');
  });
});
