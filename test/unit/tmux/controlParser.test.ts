import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ControlParser, type ControlEvent } from '../../../src/supervisor/adapters/tmux/controlParser.ts';

const parse = (text: string) => new ControlParser().push(Buffer.from(text, 'latin1'));
const block = (lines: string[], ok = true, requested = true): ControlEvent => ({ kind: 'block', block: { ok, lines }, requested });

describe('tmux control parser', () => {
  it('reads blocks, errors and the attach block, which answers nobody', () => {
    const text = '%begin 1 2 0\n%end 1 2 0\n%begin 1 3 1\na\n\nb\n%end 1 3 1\n%begin 1 4 1\nbad\n%error 1 4 1\n';
    assert.deepEqual(parse(text), [block([], true, false), block(['a', '', 'b']), block(['bad'], false)]);
  });

  it('takes text that looks like an end of a block as data unless time and number match', () => {
    const lines = ['%end 1 2 1', '%error 9 3 1', '%begin 1 3 1', '%exit', '%output %1 x', '%end 1 3', '%end 1 3 1 ', '%end 1 31 1'];
    assert.deepEqual(parse(`%begin 1 3 1\n${lines.join('\n')}\n%end 1 3 1\n`), [block(lines)]);
  });

  it('gives the same events however the bytes are cut', () => {
    const text = Buffer.from('%begin 1 3 1\na\xff\n%end 1 3 1\n%output %3 a\\033b\\134\n%sessions-changed\n%begin 1 4 1\n%end 1 4 1\n', 'latin1');
    const whole = new ControlParser().push(text);
    assert.equal(whole.length, 4);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const parser = new ControlParser();
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        assert.deepEqual(at.slice(1).flatMap((end, index) => parser.push(text.subarray(at[index], end))), whole);
      }),
    );
  });

  it('REL-4 keeps no line and no block of more than 16 MB', () => {
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    const lines = Buffer.from('xy\n'.repeat(350_000));
    for (const endless of [chunk, lines]) {
      const parser = new ControlParser();
      parser.push(Buffer.from('%begin 1 2 1\n'));
      assert.throws(() => {
        for (let n = 0; n < 18; n += 1) parser.push(endless);
      }, { code: 'too-much-output' });
    }
  });

  it('never throws, and is in step again at the next block outside of one', () => {
    const noise = fc.oneof(fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')), fc.constantFrom('%output %1', '%extended-output %1 2', '%end 5 5 1\n', '%begin x', '%exit', '%subscription-changed', '%session-changed $x'));
    fc.assert(
      fc.property(fc.array(noise), (parts) => {
        const parser = new ControlParser();
        const text = parts.join('\n').replace(/^%begin \d+ \d+ \d+$/gm, 'x');
        parser.push(Buffer.from(`${text}\n`, 'latin1'));
        assert.deepEqual(parser.push(Buffer.from('%begin 7 8 1\nyes\n%end 7 8 1\n')), [block(['yes'])]);
      }),
      { numRuns: 500 },
    );
  });
});
