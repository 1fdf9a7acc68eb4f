import assert from 'node:assert/strict';
import { askedText, needRowsOf } from '../../../src/views/needRows.ts';
import type { WaitingView } from '../../../src/supervisor/protocol/api.ts';

const question: WaitingView = { session: 'box/$1', name: 'cockpit-ask', state: 'needs-input', waitingMs: 61_000, what: 'Proceed? [y/n]', owner: 'agent', approval: null };
const approval: WaitingView = {
  ...question,
  session: 'box/$2',
  name: 'cockpit-work',
  approval: { kind: 'exec', command: `rm -rf build\n${'x'.repeat(250)}`, isCut: false, risk: 'destructive', why: 'rm -rf', options: [{ key: '1', label: 'Yes, proceed', selected: true }, { key: '3', label: 'No $(flame)', selected: false }], fingerprint: 'f'.repeat(16) },
};

describe('the rows of Needs You', () => {
  it('VSC-6 STATE-1 every waiting session in its order, with what it asks whole and what can be answered', () => {
    const [first, second] = needRowsOf([question, approval]);
    assert.ok(first && second);
    assert.deepEqual([first.label, first.description, first.context], ['ask', 'box · needs-input · 1 min', 'need']);
    assert.deepEqual(first.children.map(({ kind, label }) => [kind, label]), [['line', 'Proceed? [y/n]']]);
    assert.deepEqual([second.description, second.context], ['box · needs-input · destructive · 1 min', 'need approval']);
    assert.equal(second.children.filter(({ kind }) => kind === 'line').map(({ label }) => label).join(''), approval.approval?.command.replace('\n', ''));
    assert.deepEqual(second.children.filter(({ kind }) => kind === 'option').map(({ label }) => label), ['1. Yes, proceed', '3. No $ (flame)']);
    assert.equal(new Set([first, second].flatMap((row) => [row, ...row.children]).map(({ id }) => id)).size, 9);
  });

  it('VSC-2 what a remote asks is text: controls are escapes, icons and links are none', () => {
    const hostile = { ...approval, approval: { ...(approval.approval ?? assert.fail()), command: 'ls \u001b[31m\u202e [a](command:x)\n$(flame)', isCut: true } };
    assert.equal(askedText(hostile), 'destructive (rm -rf)\nA part of it is not on the screen: open the session to see all.\n\nls \\u{1b}[31m\\u{202e} [a] (command:x)\n$ (flame)');
    assert.doesNotMatch(JSON.stringify(needRowsOf([hostile])), /\$\(|\]\(|\\u001b/);
  });
});
