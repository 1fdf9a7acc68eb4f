import assert from 'node:assert/strict';
import fc from 'fast-check';
import { maxWaitMs, observeScreen, quietMs, settleNow, settlesAtMs, type SeenScreen, type Settled, type Settling } from '../../../src/supervisor/domain/settle.ts';
import { screenDelta } from '../../../src/supervisor/domain/screenDelta.ts';
import { titleWithoutNoise, withoutNoise } from '../../../src/supervisor/domain/screenNoise.ts';
import { codexScreen } from '../../support/codexScreens.ts';

const seen = (text: string, width = 80, height = 24): SeenScreen => ({ text, width, height });

/** Plays screens at their times and looks whenever a settler asks to; what settled, with its time. */
function play(screens: { atMs: number; screen: SeenScreen }[]): (Settled & { atMs: number })[] {
  let state: Settling | null = null;
  const out: (Settled & { atMs: number })[] = [];
  const look = (untilMs: number) => {
    for (let due = state && settlesAtMs(state); state && due !== null && due <= untilMs; due = settlesAtMs(state)) {
      const result = settleNow(state, due);
      state = result.state;
      if (result.settled) out.push({ ...result.settled, atMs: due });
    }
  };
  for (const { atMs, screen } of screens) {
    look(atMs);
    state = observeScreen(state, screen, atMs);
  }
  look(Infinity);
  return out;
}

describe('settle', () => {
  it('MCP-6 reports a change after quiet time', () => {
    const settled = play([{ atMs: 0, screen: seen('a') }, { atMs: 500, screen: seen('a\nb') }, { atMs: 550, screen: seen('a\nb\nc') }]);
    assert.deepEqual(settled, [{ text: 'a', delta: 'a', atMs: quietMs }, { text: 'a\nb\nc', delta: 'b\nc', atMs: 550 + quietMs }]);
  });

  it('MCP-6 reports a screen that is never quiet after the maximum wait', () => {
    const screens = Array.from({ length: 100 }, (_, at) => ({ atMs: at * 50, screen: seen(`line ${at}`) }));
    const times = play(screens).map((one) => one.atMs);
    assert.equal(times[0], maxWaitMs);
    assert.ok(times.length >= 3, String(times));
  });

  it('MCP-6 spinners, timers and the clock of a busy line are no change', () => {
    const frame = (glyph: string, time: string) => seen(`› hi\n\n${glyph} Working (${time} • esc to interrupt)\n\n› \n`);
    const settled = play([{ atMs: 0, screen: frame('•', '1s') }, { atMs: 1000, screen: frame('◦', '2s') }, { atMs: 60_000, screen: frame('•', '1m 01s') }]);
    assert.equal(settled.length, 1);
    assert.equal(withoutNoise('⠋ building'), withoutNoise('⠙ building  \n\n'));
    assert.equal(withoutNoise('• Reconnecting to server… (1m 57s)'), withoutNoise('• Reconnecting to server… (1m 56s)'));
    assert.notEqual(withoutNoise('took 3s'), withoutNoise('took 4s'));
    assert.equal(titleWithoutNoise('⠸ work'), titleWithoutNoise('⠦ work'));
    assert.equal(titleWithoutNoise('[ ! ] Action Required | w'), titleWithoutNoise('[ . ] Action Required | w'));
  });

  it('MCP-6 what came back to the settled screen is not reported', () => {
    assert.equal(play([{ atMs: 0, screen: seen('a') }, { atMs: 500, screen: seen('b') }, { atMs: 550, screen: seen('a') }]).length, 1);
  });

  it('MCP-6 a resize is not activity, a change beside it is', () => {
    const long = 'one two three four five six seven eight nine ten eleven twelve';
    const narrow = 'one two three four five six\nseven eight nine ten eleven twelve';
    assert.equal(play([{ atMs: 0, screen: seen(long, 80) }, { atMs: 500, screen: seen(narrow, 30) }]).length, 1);
    assert.equal(play([{ atMs: 0, screen: seen(long, 80) }, { atMs: 500, screen: seen('quite another screen with other words', 30) }]).length, 2);
    assert.equal(play([{ atMs: 0, screen: seen(long, 80) }, { atMs: 500, screen: seen(narrow, 80) }]).length, 2, 'without a resize it is a change');
  });

  it('MCP-6 never settles before quiet time, never later than the maximum wait, and ends on the last screen', () => {
    const steps = fc.array(fc.record({ waitMs: fc.integer({ min: 1, max: 700 }), text: fc.constantFrom('a', 'a\nb', 'c', 'a\nc\nd') }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(steps, (list) => {
        let atMs = 0;
        const screens = list.map(({ waitMs, text }) => ({ atMs: (atMs += waitMs), screen: seen(text) }));
        const settled = play(screens);
        const changes = screens.filter((one, at) => at === 0 || screens[at - 1]?.screen.text !== one.screen.text);
        for (const one of settled) {
          const before = changes.filter((change) => change.atMs < one.atMs);
          const quiet = one.atMs - (before.at(-1)?.atMs ?? 0);
          const previous = settled[settled.indexOf(one) - 1]?.atMs ?? -1;
          const waited = one.atMs - (changes.find((change) => change.atMs > previous)?.atMs ?? 0);
          assert.ok(quiet >= quietMs || waited >= maxWaitMs, `${quiet} ${waited}`);
        }
        assert.equal(settled.at(-1)?.text, screens.at(-1)?.screen.text);
      }),
    );
  });
});

describe('screen delta', () => {
  it('MCP-6 has the new lines of a scrolled screen only', () => {
    const line = fc.stringMatching(/^[a-z]{3,8}$/);
    fc.assert(
      fc.property(fc.uniqueArray(line, { minLength: 4, maxLength: 60 }), fc.nat(20), (lines, count) => {
        const height = 20;
        const old = lines.slice(0, lines.length - Math.min(count, lines.length - 1));
        const before = [...old.slice(-height), '', '› composer'].join('\n');
        const after = [...lines.slice(-height), '', '› composer'].join('\n');
        return screenDelta(before, after) === lines.slice(old.length).slice(-height).join('\n');
      }),
    );
  });

  it('MCP-6 is empty for the same screen and for noise', () => {
    fc.assert(fc.property(fc.array(fc.string()), (lines) => screenDelta(lines.join('\n'), lines.join('\n')) === ''));
    const working = codexScreen('working-esc-to-interrupt');
    assert.equal(screenDelta(working, working.replace('◦ Working (1s', '• Working (4s')), '');
  });

  it('MCP-6 shows what Codex wrote between two screens', () => {
    const delta = screenDelta(codexScreen('working-streaming-NO-esc-line'), codexScreen('turn-complete-idle'));
    assert.equal(delta, '• w0 w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11 w12 w13 w14 w15\n  Worked for 4s • 04:35');
  });
});
