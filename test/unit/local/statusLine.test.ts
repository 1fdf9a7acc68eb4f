import assert from 'node:assert/strict';
import { fitEnd, fitMiddle, styledStatus, tierFormat } from '../../../src/supervisor/adapters/tmux/local/statusLine.ts';

describe('status line', () => {
  it('PAIR-4 long text loses its middle, and fits', () => {
    assert.equal(fitMiddle('short', 10), 'short');
    assert.equal(fitMiddle('abcdefghijklmnop', 10), 'abcd..mnop');
    assert.equal(fitEnd('Wake remote  F1 host  F2 session', 26), 'Wake remote  F1 host..');
    assert.equal(fitEnd('x'.repeat(50), 10), 'xxxxxxxx..');
    assert.equal(fitMiddle('abc\u001b[2Jdef', 20), 'abc [2Jdef');
  });

  it('PAIR-4 nothing in it is a style, and Wake off is red only where colours are wanted', () => {
    assert.equal(styledStatus('a #[bg=blue] b', true), 'a ##[bg=blue] b');
    assert.equal(styledStatus('Wake off | F1', true), '#[fg=red,bold]Wake off#[fg=default,nobold] | F1');
    assert.equal(styledStatus('Wake off | F1', false), 'Wake off | F1');
  });

  it('PAIR-4 the format picks by the width of the terminal', () => {
    assert.equal(
      tierFormat('left'),
      '#{?#{e|>=:#{client_width},160},#{@cockpit_left_wide},#{?#{e|>=:#{client_width},110},#{@cockpit_left_middle},#{@cockpit_left_narrow}}}',
    );
  });
});
