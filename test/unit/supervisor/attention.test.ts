import assert from 'node:assert/strict';
import { newNeeds } from '../../../src/supervisor/attention.ts';
import { emptyFleet, newSession, type Fleet } from '../../../src/supervisor/domain/fleet.ts';
import type { SessionState } from '../../../src/supervisor/domain/remoteSession.ts';
import { someHost, someObserved } from '../../support/fleet.ts';

const fleetOf = (state: SessionState, isShown: boolean): Fleet => ({
  ...emptyFleet,
  selectedAlias: isShown ? 'box' : null,
  focus: isShown ? 'remote' : 'agent',
  hosts: [someHost({ sessions: [{ ...newSession('box', someObserved({ id: '$1' }), 'm'), state }], selectedId: '$1' })],
});

describe('attention', () => {
  it('tells a session that starts to need a person, once', () => {
    assert.deepEqual(newNeeds(fleetOf('working', false), fleetOf('needs-input', false)).map(({ id }) => id), ['$1']);
    assert.deepEqual(newNeeds(fleetOf('needs-input', false), fleetOf('needs-input', false)), []);
  });

  it('says nothing of the session that the person writes into, nor of one that stops to need anybody', () => {
    assert.deepEqual(newNeeds(fleetOf('working', true), fleetOf('needs-input', true)), []);
    assert.deepEqual(newNeeds(fleetOf('needs-input', false), fleetOf('idle', false)), []);
  });
});
