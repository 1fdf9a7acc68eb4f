import assert from 'node:assert/strict';
import { newSession } from '../../../src/supervisor/domain/fleet.ts';
import { explainRefusal } from '../../../src/supervisor/domain/ownership.ts';
import { ownershipEffects } from '../../../src/supervisor/domain/reduce.ts';
import { isTooOldToGuard } from '../../../src/supervisor/domain/tmuxVersion.ts';
import { someHost, someObserved } from '../../support/fleet.ts';

const wantedAt = (tmuxVersion: string | null) => {
  const hosts = [someHost({ tmuxVersion, sessions: [newSession('box', someObserved(), '')] })];
  return ownershipEffects({ hosts, selectedAlias: 'box', focus: 'agent' }).map(({ kind }) => kind);
};

describe('tmux too old for the guard', () => {
  it('OWN-2 is any before 3.2; one that is not known yet may do', () => {
    assert.deepEqual(['2.4', '3.1c', '3.2', '3.2a', '3.10', 'next-3.5', 'master', null].map(isTooOldToGuard), [true, true, false, false, false, false, false, false]);
  });

  it('OWN-2 nothing is asked of it, and the agent is told why it cannot write', () => {
    assert.deepEqual([wantedAt('3.1c'), wantedAt('3.2'), wantedAt(null)], [[], ['adopt'], ['adopt']]);
    assert.match(explainRefusal({ alias: 'box', id: '$0' }, 'tmux-too-old', null), /older than 3\.2.*Do not retry; the operator has to install/);
  });
});
