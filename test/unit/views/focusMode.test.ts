import assert from 'node:assert/strict';
import { FocusMode } from '../../../src/views/focusMode.ts';

describe('focus mode of a window', () => {
  it('VSC-5 a half that gets the keys is told once; a file in between changes nothing', () => {
    const focus = new FocusMode();
    assert.equal(focus.activated('remote'), 'remote');
    assert.equal(focus.activated('remote'), null);
    assert.equal(focus.activated(null), null);
    assert.equal(focus.mode, 'remote');
    assert.equal(focus.activated('remote'), null);
  });

  it('VSC-5 news from before what was just told does not move the keys back', () => {
    const focus = new FocusMode();
    focus.activated('remote');
    assert.equal(focus.said('agent', 'remote'), null);
    assert.equal(focus.said('remote', 'remote'), null);
    assert.equal(focus.said('agent', 'remote'), 'agent');
  });

  it('VSC-5 what the supervisor is told and refuses is forgotten', () => {
    const focus = new FocusMode();
    focus.activated('remote');
    focus.untold();
    assert.equal(focus.said('agent', 'remote'), 'agent');
  });

  it('VSC-5 a change elsewhere moves the keys along only if they are in the pair, and is not told back', () => {
    const focus = new FocusMode();
    assert.equal(focus.said('remote', null), null);
    assert.equal(focus.said('agent', 'remote'), 'agent');
    focus.moving('agent', 'remote');
    assert.equal(focus.activated('remote'), null, 'the halves pass by while the keys are put');
    assert.equal(focus.activated('agent'), null);
    assert.equal(focus.activated('remote'), 'remote', 'now it is the person');
  });
});
