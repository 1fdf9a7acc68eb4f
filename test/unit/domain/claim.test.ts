import assert from 'node:assert/strict';
import { claimAgeMs, claimIdleMs, forgottenAfterMs, isForgotten, isTimedOut } from '../../../src/supervisor/domain/claim.ts';
import { newSession, type RemoteSession } from '../../../src/supervisor/domain/fleet.ts';
import { someObserved } from '../../support/fleet.ts';

const server = { pid: 1, startTime: 1 };
const claimed = (sinceMs: number, usedAtMs: number | null): RemoteSession => ({ ...newSession('box', someObserved(), ''), ownership: { kind: 'ours', owner: 'human', epoch: 2, server, sinceMs }, usedAtMs });

describe('claims', () => {
  it('OWN-10 a claim is idle since its last key, or since it was made', () => {
    assert.equal(claimIdleMs(claimed(1_000, null), 5_000), 4_000);
    assert.equal(claimIdleMs(claimed(1_000, 4_500), 5_000), 500);
    assert.equal(claimIdleMs(claimed(1_000, 200), 5_000), 4_000, 'a key of an earlier claim does not count');
    assert.equal(claimAgeMs(claimed(1_000, 4_500), 5_000), 4_000);
  });

  it('OWN-10 only a claim of the human is idle', () => {
    const agents: RemoteSession = { ...claimed(0, null), ownership: { kind: 'ours', owner: 'agent', epoch: 2, server, sinceMs: 0 } };
    for (const session of [agents, { ...agents, ownership: { kind: 'unread' as const } }]) {
      assert.equal(claimIdleMs(session, 9e9), null);
      assert.equal(isForgotten(session, 9e9), false);
      assert.equal(isTimedOut(session, 1, 9e9), false);
    }
  });

  it('OWN-10 it is forgotten after 15 minutes without a key, and times out only if that is configured', () => {
    assert.equal(isForgotten(claimed(0, null), forgottenAfterMs - 1), false);
    assert.equal(isForgotten(claimed(0, null), forgottenAfterMs), true);
    assert.equal(isForgotten(claimed(0, 1), forgottenAfterMs), false);
    assert.equal(isTimedOut(claimed(0, null), null, 9e9), false);
    assert.equal(isTimedOut(claimed(0, null), 60_000, 59_999), false);
    assert.equal(isTimedOut(claimed(0, null), 60_000, 60_000), true);
  });
});
