import assert from 'node:assert/strict';
import fc from 'fast-check';
import { stripControl } from '../../../src/supervisor/base/stripControl.ts';

const ESC = '\u001b';

describe('stripControl', () => {
  const cases: [string, string, string][] = [
    ['SGR colour', `${ESC}[1;31mred${ESC}[0m`, 'red'],
    ['private mode', `a${ESC}[?1049hb`, 'ab'],
    ['C1 CSI', 'a\u009b31mb', 'ab'],
    ['OSC 52 ended by BEL', `a${ESC}]52;c;aGk=\u0007b`, 'ab'],
    ['OSC 8 ended by ST', `${ESC}]8;;http://x/${ESC}\\link${ESC}]8;;${ESC}\\`, 'link'],
    ['DCS', `a${ESC}P1$tq${ESC}\\b`, 'ab'],
    ['C1 OSC and C1 ST', 'a\u009d0;title\u009cb', 'ab'],
    ['charset choice and reset', `${ESC}(0a${ESC}cb`, 'ab'],
    ['unterminated OSC hides nothing', `a${ESC}]0;secret\nb`, 'a0;secret\nb'],
    ['unterminated CSI hides nothing', `a${ESC}[31`, 'a[31'],
    ['line ends', 'a\r\nb\rc\u0085d\u2028e', 'a\nb\nc\nd\ne'],
    ['newline and tab stay', 'a\tb\nc', 'a\tb\nc'],
    ['NUL, BEL, BS, DEL', 'a\u0000\u0007\u0008\u007fb', 'ab'],
    ['bidi override is shown', 'a\u202eb', 'a⟨U+202E⟩b'],
    ['tag characters are shown', 'a\u{e0041}b', 'a⟨U+E0041⟩b'],
    ['zero width space is shown', 'ig\u200bnore', 'ig⟨U+200B⟩nore'],
    ['lone surrogate', 'a\ud800b', 'a\ufffdb'],
    ['joined emoji and other scripts stay', '👩‍💻 Ω é 漢 ✔️', '👩‍💻 Ω é 漢 ✔️'],
  ];
  for (const [what, input, expected] of cases) it(`MCP-5 ${what}`, () => { assert.equal(stripControl(input), expected); });

  const hostile = fc.array(
    fc.oneof(
      fc.constantFrom(ESC, `${ESC}[`, `${ESC}]`, `${ESC}P`, `${ESC}\\`, '\u0007', '\u009b', '\u009d', '\u009c', '\u0090', '\r', '\n', '\t', '\u202e', '\ud83d', '\u{e0020}', '52;c;', '31m', '\\', '['),
      fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)),
      fc.string({ unit: 'binary' }),
    ),
    { maxLength: 40 },
  ).map((parts) => parts.join(''));

  it('MCP-5 whatever comes in, no ESC, C0, C1 or bidi control comes out', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const out = stripControl(text);
        // eslint-disable-next-line no-control-regex -- these are what is looked for
        assert.doesNotMatch(out, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
        assert.ok(out.isWellFormed());
        assert.equal(stripControl(out), out, 'not stable');
      }),
      { numRuns: 20_000 },
    );
  });

  it('MCP-5 plain text stays as it is', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom('a', 'Z', '0', ' ', '[', ']', '\\', ';', '^', '_', 'é', '漢', '😀', '\n', '\t') }), (text) => { assert.equal(stripControl(text), text); }), { numRuns: 2_000 });
  });

  it('MCP-5 hostile text of 64 KiB takes no time to speak of', () => {
    for (const part of [ESC, `${ESC}]`, `${ESC}]a`, `${ESC}[0`, `${ESC}P${'x'.repeat(100)}`, '\u009d', `${ESC} `]) {
      const text = part.repeat(Math.ceil(65_536 / part.length));
      const startMs = performance.now();
      stripControl(text);
      assert.ok(performance.now() - startMs < 2000, `${JSON.stringify(part)} took ${performance.now() - startMs} ms`);
    }
  });
});
