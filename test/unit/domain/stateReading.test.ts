import assert from 'node:assert/strict';
import type { SessionState } from '../../../src/supervisor/domain/remoteSession.ts';
import { readState } from '../../../src/supervisor/domain/stateReading.ts';
import { codexScreen, codexScreenNames } from '../../support/codexScreens.ts';

const idleTitle = 'plainwork';
const busyTitle = '⠸ plainwork';

/** Every recorded screen with the title that Codex had then (as far as known) and the foreground program. */
const table: Record<string, [title: string, state: SessionState, command?: string]> = {
  'after-command': [idleTitle, 'idle'],
  'approval-cancelled': [idleTitle, 'idle'],
  'approval-exec-after-y': [idleTitle, 'idle'],
  'approval-exec-escalated': ['[ ! ] Action Required | plainwork', 'needs-input'],
  'approval-exec-multiline-60': ['[ . ] Action Required | plainwork', 'needs-input'],
  'approval-exec-wrapped-60': ['', 'needs-input'],
  'approval-mcp-tool': [busyTitle, 'needs-input'],
  'error-429-insufficient-quota': ['Ready | Context 100% left', 'out-of-tokens'],
  'error-429-rate-limit-final': [idleTitle, 'error'],
  'error-429-usage-limit-reached': [idleTitle, 'out-of-tokens'],
  'error-429-usage-not-included': [idleTitle, 'out-of-tokens'],
  'error-context-window-full': [idleTitle, 'error'],
  'error-http400': [idleTitle, 'error'],
  'error-http401': ['Thinking | plainwork', 'working'],
  'error-quota-response-failed': [idleTitle, 'out-of-tokens'],
  'error-stream-final': [idleTitle, 'error'],
  'error-stream-reconnecting': ['', 'working'],
  'exit-message': [busyTitle, 'shell', 'bash'],
  'hooks-untrusted-startup': ['', 'needs-input'],
  'idle-at-prompt': [idleTitle, 'idle'],
  'mcp-startup': [busyTitle, 'working'],
  'onboarding-login-no-auth': ['', 'auth-needed'],
  'remote-appserver-died': [idleTitle, 'error'],
  'resume-last-all-cwd-prompt': ['', 'needs-input'],
  'resume-last-in-cwd-A': [idleTitle, 'idle'],
  'slash-status': [idleTitle, 'idle'],
  'slash-status-chatgpt-auth': [idleTitle, 'idle'],
  'startup-account-read-failed': ['', 'shell', 'sh'],
  'startup-model-nux-prompt': ['', 'needs-input'],
  'trust-directory-prompt': ['', 'needs-input'],
  'turn-complete-idle': [idleTitle, 'idle'],
  'update-available-prompt': ['', 'needs-input'],
  'working-esc-to-interrupt': ['', 'working'],
  'working-streaming-NO-esc-line': [busyTitle, 'working'],
  'yolo-startup': [idleTitle, 'idle'],
};

const read = (screenText: string | null, title = '', command = 'codex') => readState({ title, command, screenText, online: true, atMs: 7 });

describe('state reading', () => {
  it('STATE-1 has a row for every recorded screen', () => {
    assert.deepEqual(Object.keys(table).sort(), codexScreenNames());
  });

  for (const [name, [title, state, command]] of Object.entries(table)) {
    it(`STATE-1 ${name} is ${state}`, () => {
      const reading = read(codexScreen(name), title, command);
      assert.equal(reading.state, state, JSON.stringify(reading.evidence));
      assert.ok(reading.evidence.length > 0);
    });
  }

  it('STATE-1 the spinner in the title beats a screen that looks idle, and the conflict stays visible', () => {
    const reading = read(codexScreen('working-streaming-NO-esc-line'), busyTitle);
    assert.deepEqual(reading.evidence.map(({ source, says }) => [source, says]), [['title', 'working'], ['screen', 'idle']]);
  });

  it('STATE-1 a quoted marker is no marker', () => {
    const idle = codexScreen('turn-complete-idle');
    const quotes = [
      '• The docs name these signs:',
      '',
      '  ■ You’ve hit your usage limit. Upgrade to Pro',
      '  • Working (3s • esc to interrupt)',
      '  Would you like to run the following command?',
      '  $ rm -rf /',
      '  › 1. Yes, proceed (y)',
      '    2. No, and tell Codex what to do differently (esc)',
      '  Press enter to confirm or esc to cancel',
      '  Welcome to Codex',
      '  [y/n]',
    ].join('\n');
    const text = idle.replace('• w0 w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11 w12 w13 w14 w15', quotes);
    assert.ok(text.includes('rm -rf'));
    assert.equal(read(text, idleTitle).state, 'idle');
    assert.equal(read('I wrote: Action Required, Ready, Working', 'notes on Working hours', 'vim').state, 'unknown');
  });

  it('STATE-1 an old error further up is history', () => {
    const text = codexScreen('error-429-insufficient-quota').replace('■ Quota exceeded. Check your plan and billing details.', '• All is well again.');
    assert.equal(read(text).state, 'idle');
  });

  it('STATE-1 a shell in front is a shell, whatever title and scrollback Codex left', () => {
    assert.equal(read(`${codexScreen('working-esc-to-interrupt').trimEnd()}\nop@box:~$ `, busyTitle, 'bash').state, 'shell');
    assert.equal(read(null, busyTitle, '-bash').state, 'shell');
    assert.equal(read(codexScreen('working-streaming-NO-esc-line'), busyTitle, 'sh').state, 'working', 'a wrapper script in front of a living Codex');
  });

  it('STATE-1 offline beats all', () => {
    assert.equal(readState({ title: busyTitle, command: 'codex', screenText: null, online: false, atMs: 1 }).state, 'offline');
  });

  it('STATE-2 evidence tells source, value and age; without a new screen the old one counts', () => {
    const first = read(codexScreen('error-429-insufficient-quota'), 'Ready | x');
    assert.deepEqual(first.evidence, [
      { source: 'title', says: 'idle', value: 'Ready | x', atMs: 7 },
      { source: 'screen', says: 'out-of-tokens', value: 'quota: ■ Quota exceeded. Check your plan and billing details.', atMs: 7 },
    ]);
    const later = readState({ title: busyTitle, command: 'codex', screenText: null, online: true, atMs: 99, previous: first.evidence });
    assert.equal(later.state, 'working');
    assert.deepEqual(later.evidence.map((one) => one.atMs), [99, 7]);
  });

  it('STATE-4 limits that another account would not lift are told apart', () => {
    const withError = (line: string) => read(codexScreen('error-http400').replace('■ {"error":{"message":"fake http error 400"}}', line));
    const rows: [string, SessionState, string][] = [
      ['■ You’ve hit your usage limit. Try again later.', 'out-of-tokens', 'usage-limit'],
      ["■ You've hit your usage limit for gpt-5.5. Switch to another model now, or try again at 5:37 AM.", 'error', 'model-limit'],
      ['■ Your workspace is out of credits. Add credits to continue.', 'error', 'workspace-limit'],
      ['■ Codex ran out of room in the model\'s context window. Start a new thread', 'error', 'context-full'],
      ['■ Selected model is at capacity. Please try a different model.', 'error', 'overload'],
      ['■ Your access token could not be refreshed because your refresh token was already used.', 'auth-needed', 'token-refused'],
    ];
    for (const [line, state, id] of rows) {
      const reading = withError(line);
      assert.equal(reading.state, state, line);
      assert.ok(reading.evidence[0]?.value.startsWith(`${id}: `), reading.evidence[0]?.value);
    }
  });
});
