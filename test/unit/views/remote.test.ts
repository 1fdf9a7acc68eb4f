import assert from 'node:assert/strict';
import { startsUnasked } from '../../../src/views/remote.ts';

describe('windows on other machines', () => {
  it('VSC-7 a Remote-SSH window starts nothing before it was asked, others do', () => {
    assert.equal(startsUnasked('ssh-remote'), false);
    assert.equal(startsUnasked(undefined), true);
    assert.equal(startsUnasked('dev-container'), true);
  });
});
