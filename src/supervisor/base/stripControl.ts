/* eslint-disable no-control-regex -- control characters are what this file is about */

/** Longest body of an OSC, DCS, SOS, PM or APC string that is taken out as a whole. A longer or unterminated one loses its introducer only, so that it cannot hide text. */
const maxStringSequenceChars = 4096;

const sequences = new RegExp(
  [
    // CSI: parameters, intermediates, final byte
    '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]',
    // OSC, DCS, SOS, PM, APC up to BEL or ST
    `(?:\\u001b[\\]PX^_]|[\\u009d\\u0090\\u0098\\u009e\\u009f])[^\\u0000-\\u001f\\u007f-\\u009f]{0,${maxStringSequenceChars}}(?:\\u0007|\\u001b\\\\|\\u009c)`,
    // all other escapes: charset choice, keypad modes, ST, reset
    '\\u001b[ -/]*[0-Z\\\\-~]',
  ].join('|'),
  'g',
);
const lineEnds = /\r\n?|[\u0085\u2028\u2029]/g;
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Characters that reorder, hide or smuggle text: bidi controls, zero-width characters, annotation marks, tags and supplementary variation selectors. */
const invisible = /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}]/gu;

/**
 * Text without terminal control: escape sequences and C0/C1 characters are gone (newline and tab stay; other line ends become newlines), characters that reorder or
 * hide text are shown as `⟨U+202E⟩`, and lone surrogates become U+FFFD. May be longer than its input.
 */
export function stripControl(text: string): string {
  return text
    .replace(sequences, '')
    .replace(lineEnds, '\n')
    .replace(controls, '')
    .toWellFormed()
    .replace(invisible, (char) => `⟨U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`);
}
