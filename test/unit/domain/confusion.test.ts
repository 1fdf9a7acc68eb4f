import assert from 'node:assert/strict';
import type { ApprovalKind } from '../../../src/supervisor/domain/markers.ts';
import { readPrompt } from '../../../src/supervisor/domain/promptReading.ts';
import { sessionStates, type SessionState } from '../../../src/supervisor/domain/remoteSession.ts';
import { isReflow } from '../../../src/supervisor/domain/screenDelta.ts';
import { readState } from '../../../src/supervisor/domain/stateReading.ts';
import { recordedScreens, type RecordedScreen } from '../../support/recordedScreens.ts';

/** What each recording shows, at every width; test/recorder made them. */
const shown: Record<string, SessionState> = {
  idle: 'idle',
  draft: 'idle',
  'draft-long': 'idle',
  answered: 'idle',
  interrupted: 'idle',
  'plan-mode': 'idle',
  'quoted-signs': 'idle',
  'quoted-list': 'idle',
  'slash-popup': 'idle',
  update: 'idle',
  working: 'working',
  streaming: 'working',
  'draft-while-working': 'working',
  'approval-exec': 'needs-input',
  'approval-long': 'needs-input',
  'approval-lines': 'needs-input',
  'approval-tall': 'needs-input',
  'approval-moved': 'needs-input',
  'approval-mcp': 'needs-input',
  question: 'needs-input',
  'model-picker': 'needs-input',
  'permissions-picker': 'needs-input',
  trust: 'needs-input',
  login: 'auth-needed',
  'error-429usage': 'out-of-tokens',
  'error-429quota': 'out-of-tokens',
  'error-429notincluded': 'out-of-tokens',
  'error-429rate': 'error',
  'error-ctxfull': 'error',
  'error-overload': 'error',
  'error-http401': 'auth-needed',
  'error-http500': 'error',
  'other-shell': 'shell',
  'other-shell-typed': 'shell',
  'other-cat': 'shell',
  'other-vim': 'unknown',
  'other-less': 'unknown',
  'other-build': 'working',
  'other-yes-no': 'needs-input',
  'other-password': 'needs-input',
  'claude-approval': 'needs-input',
  'claude-approval-box': 'needs-input',
  'claude-working': 'working',
  'claude-idle': 'idle',
};
/** What an older Codex shows otherwise: its screen does not tell a used up quota from other refusals. */
const shownByOlder: Record<string, SessionState> = { 'error-429quota@0.101.0': 'error', 'error-429quota@0.142.5': 'error' };
const stateShown = ({ name, file }: RecordedScreen) => shownByOlder[file.replace(/-\d+\.txt$/, '')] ?? shown[name];

const screens = recordedScreens();
const stateOf = (screen: RecordedScreen, over: Partial<RecordedScreen> = {}) => readState({ title: screen.title, command: screen.command, screenText: screen.text, cursor: screen.cursor, online: true, atMs: 1, ...over });

describe('confusion table of the recorded screens', () => {
  it('STATE-1 every recording counts as what it shows: the matrix has its diagonal only', () => {
    const counts = new Map<string, number>();
    const wrong: string[] = [];
    for (const screen of screens) {
      const is = stateShown(screen);
      assert.ok(is !== undefined, `${screen.file} has no row`);
      const { state, evidence } = stateOf(screen);
      counts.set(`${is} ${state}`, (counts.get(`${is} ${state}`) ?? 0) + 1);
      if (state !== is) wrong.push(`${screen.file} is ${is}, counts as ${state}: ${JSON.stringify(evidence)}`);
    }
    console.log(matrix(counts));
    assert.deepEqual(wrong, []);
    const recorded = new Set(screens.map(({ name }) => name));
    assert.deepEqual(Object.keys(shown).filter((name) => !recorded.has(name)), [], 'rows without a recording');
  });

  it('STATE-1 no false idle: without its title a working screen is never taken for an approval, and with it never for idle', () => {
    for (const screen of screens.filter(({ name }) => shown[name] === 'working')) {
      assert.equal(stateOf(screen).state, 'working', screen.name);
      assert.ok(['working', 'idle'].includes(stateOf(screen, { title: '' }).state), screen.name);
    }
  });

  it('STATE-1 no approval is missed on a host whose titles are off', () => {
    for (const screen of screens.filter(({ name }) => shown[name] === 'needs-input' && name !== 'transcript')) {
      assert.equal(stateOf(screen, { title: '' }).state, 'needs-input', screen.file);
    }
  });

  it('STATE-1 a resize is no activity: the same screen at another width is a reflow', () => {
    for (const name of ['answered', 'approval-long', 'error-429usage', 'quoted-signs']) {
      const [narrow, ...wider] = screens.filter((screen) => screen.name === name && !screen.file.includes('@'));
      for (const wide of wider) assert.ok(isReflow(bare(narrow?.text), bare(wide.text)), `${name}-${wide.width}`);
    }
  });
});

describe('approvals of the recorded screens', () => {
  const long = 'find . -name "*.log" -mtime +7 -print0 | xargs -0 -r ls -l --time-style=long-iso && du -sh build dist node_modules && echo every step of this rather long command is over now';
  const lines = ['cat > deploy.sh <<EOF', 'set -eu', 'rsync -a --delete build/ target:/srv/www/', 'EOF', 'sh deploy.sh'].join('\n');
  const asked: [name: string, kind: ApprovalKind, command: string | RegExp, isCut: boolean][] = [
    ['approval-exec', 'exec', 'touch /srv/made', false],
    ['approval-moved', 'exec', 'touch /srv/made', false],
    ['approval-long', 'exec', long, false],
    ['approval-lines', 'exec', lines, false],
    ['approval-tall', 'exec', /^echo line 0\n/, true],
    ['approval-mcp', 'mcp', /run tool "send_text"\?\n\ntext: ls -l$/, false],
    ['question', 'menu', /Where should I deploy this build to\?/, false],
    ['claude-approval', 'menu', /npm test[^]*Do you want to proceed\?$/, false],
    ['claude-approval-box', 'menu', /npm test[^]*Do you want to proceed\?$/, false],
  ];
  for (const [name, kind, command, isCut] of asked) {
    it(`STATE-1 ${name}: what is asked comes whole at every width, or says that it is cut`, () => {
      const rows = screens.filter((screen) => screen.name === name);
      assert.ok(rows.length > 0);
      for (const screen of rows) {
        const prompt = readPrompt(screen);
        assert.deepEqual([prompt.approvalKind, prompt.isCut], [kind, isCut], screen.file);
        if (typeof command === 'string') assert.equal(prompt.approvalCommand, command, screen.file);
        else assert.match(prompt.approvalCommand ?? '', command);
        assert.ok(prompt.approvalOptions.length >= 2);
      }
    });
  }

  it('STATE-1 no other recording has an approval', () => {
    const quiet = screens.filter(({ name }) => ['idle', 'working', 'shell', 'error'].includes(shown[name] ?? ''));
    for (const screen of quiet) assert.notEqual(readPrompt(screen).kind, 'approval', screen.file);
  });
});

/** Without the picture that Codex draws on an empty screen. */
function bare(text = ''): string {
  return text.replace(/[⠀-⣿]/gu, '');
}

/** Rows are what screens show, columns what they count as. */
function matrix(counts: Map<string, number>): string {
  const cell = (text: string) => text.padStart(14);
  const row = (is: SessionState) => cell(is) + sessionStates.map((state) => cell(String(counts.get(`${is} ${state}`) ?? '.'))).join('');
  return ['', cell('shows \\ is') + sessionStates.map(cell).join(''), ...sessionStates.filter((state) => Object.values(shown).includes(state)).map(row), ''].join('\n');
}
