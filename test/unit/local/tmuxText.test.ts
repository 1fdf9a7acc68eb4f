import assert from 'node:assert/strict';
import { launchHash, launchWords } from '../../../src/supervisor/adapters/tmux/local/launch.ts';
import { escapeFormat, plainText, safeName, toArgv, toCommandLine } from '../../../src/supervisor/adapters/tmux/local/tmuxText.ts';

describe('text for tmux', () => {
  it('PAIR-1 labels lose what could steer a terminal or be expanded', () => {
    assert.equal(plainText('a\u001b[31mb\u0007\u009bc\u202ed\ne'), 'a [31mb  c d e');
    assert.equal(escapeFormat('#(touch x) #[fg=red] #{q}'), '##(touch x) ##[fg=red] ##{q}');
  });

  it('PAIR-1 names of tmux sessions differ for different texts and hold safe characters only', () => {
    assert.equal(safeName('gpu.box:1'), 'gpu=2ebox=3a1');
    assert.equal(safeName('a=b'), 'a=3db');
    assert.match(safeName('ü;$(x)#'), /^[A-Za-z0-9_=-]+$/);
  });

  it('PAIR-1 arguments stay one argument', () => {
    assert.equal(toCommandLine([['kill-pane', '-t', '%1'], ['x', "a;b'$c"]]), 'kill-pane "-t" "\\0451" ; x "a;b\\047\\044c"');
    assert.deepEqual(toArgv([['a', 'b;'], ['c']]), ['a', 'b\\;', ';', 'c']);
  });

  it('PAIR-5 a launch is never a shell command line and has a hash of its own', () => {
    const plain = { argv: ['cat'] };
    assert.deepEqual(launchWords(plain), ['env', 'cat']);
    assert.deepEqual(launchWords({ argv: ['/a=b/codex', 'x'], env: { A: '1' }, cwd: '/w#(x)' }), ['-c', '/w##(x)', 'env', '-i', 'A=1', 'sh', '-c', 'exec "$@"', 'sh', '/a=b/codex', 'x']);
    assert.notEqual(launchHash(plain), launchHash({ argv: ['cat'], env: {} , cwd: '/' }));
    assert.equal(launchHash({ argv: ['x'], env: { A: '1', B: '2' } }), launchHash({ argv: ['x'], env: { B: '2', A: '1' } }));
  });
});
