import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ApprovalKind } from '../../../src/supervisor/domain/markers.ts';
import { readPrompt } from '../../../src/supervisor/domain/promptReading.ts';
import { codexScreen, codexScreenNames } from '../../support/codexScreens.ts';

const read = (name: string, width = 110) => readPrompt({ text: codexScreen(name), command: 'codex', width });

const approvals: Record<string, [ApprovalKind, string, string[]]> = {
  'approval-exec-escalated': ['exec', 'touch /home/op/zz-not-there', ['1 Yes, proceed (y)', "2 Yes, and don't ask again for commands that start with `touch /home/op/zz-not-there` (p)", '3 No, and tell Codex what to do differently (esc)']],
  'approval-mcp-tool': ['mcp', 'Allow the cockpit MCP server to run tool "send_text"?\n\ntext: ls', ['1 Allow', '2 Allow for this session', '3 Always allow', '4 Cancel']],
  'trust-directory-prompt': ['trust', '/home/op/project/wA', ['1 Trust and continue', '2 Back to Agent Command Center']],
  'hooks-untrusted-startup': ['menu', 'Hooks need review\n14 hooks are new or changed.\nHooks can run outside the sandbox after you trust them.', ['1 Review hooks', '2 Trust all and continue', "3 Continue without trusting (hooks won't run)"]],
  'error-429-usage-limit-reached': ['menu', 'Approaching rate limits\nSwitch to gpt-6-luna for lower credit usage?', ['1 Switch to gpt-6-luna', '2 Keep current model', '3 Keep current model (never show again)']],
  'resume-last-all-cwd-prompt': ['menu', 'Working directory · resume\nSession = latest cwd recorded in the resumed session\nCurrent = your current working directory', ['1 Use session directory (/home/op/project/wB)', '2 Use current directory (/home/op/project/wC)', '3 Always use session directory', '4 Always use current directory']],
  'startup-model-nux-prompt': ['menu', 'Meet GPT-6 Sol\n\nOur latest Sol is more intelligent and more efficient so your usage limits go further. This model is a great daily driver for complex tasks, especially coding.', ['1 Try new model', '2 Use existing model']],
  'update-available-prompt': ['menu', 'Update available · 0.169.0 → 0.999.0\nRelease notes: https://github.com/openai/codex/releases/latest', ['1 Update now (runs `npm install -g @openai/codex`)', '2 Skip', '3 Skip until next version']],
  'onboarding-login-no-auth': ['login', "Welcome to Codex, OpenAI's command-line coding agent\n\nSign in with ChatGPT to use Codex as part of your paid plan\nor connect an API key for usage-based billing", ['1 Sign in with ChatGPT', '2 Sign in with Device Code', '3 Sign in another way']],
};

describe('prompt reading', () => {
  for (const [name, [kind, command, options]] of Object.entries(approvals)) {
    it(`MCP-2 approval ${name}`, () => {
      const prompt = read(name);
      assert.deepEqual([prompt.kind, prompt.approvalKind, prompt.approvalCommand], ['approval', kind, command]);
      assert.deepEqual(prompt.approvalOptions.map((one) => `${one.key} ${one.label}`), options);
      assert.deepEqual(prompt.approvalOptions.map((one) => one.selected), options.map((_, at) => at === 0));
      assert.match(prompt.fingerprint ?? '', /^[0-9a-f]{64}$/);
      assert.equal(prompt.promptText, null);
    });
  }

  it('MCP-2 every other recorded Codex screen has an empty composer or no prompt', () => {
    const others = codexScreenNames().filter((name) => !(name in approvals) && !name.startsWith('approval-exec-'));
    const without = others.filter((name) => read(name).kind !== 'codex-composer');
    assert.deepEqual(without, ['exit-message', 'startup-account-read-failed']);
    for (const name of others.filter((one) => !without.includes(one))) {
      const prompt = read(name);
      assert.equal(prompt.promptText, '', name);
      assert.match(prompt.promptBlock ?? '', /^› Ask Codex to do anything\n\n {2}\S/, name);
      assert.equal(prompt.fingerprint, null, name);
    }
  });

  it('MCP-2 a wrapped command comes whole, with its real line breaks', () => {
    const wrapped = read('approval-exec-wrapped-60', 60);
    const command = 'for name in alpha beta gamma delta epsilon zeta eta theta iota; do echo $name; done && touch /home/op/a-very-long-path/that/does-not-fit/in-one-line/at-all/of-this-terminal';
    assert.equal(wrapped.approvalCommand, command);
    assert.equal(wrapped.approvalOptions[1]?.label, `Yes, and don't ask again for commands that start with \`${command}\` (p)`);
    const lines = ['cat > x <<EOF', 'first line', '  indented line that is quite long so that it wraps around the edge of it', '', 'after a blank', 'EOF'];
    assert.equal(read('approval-exec-multiline-60', 60).approvalCommand, lines.join('\n'));
    const unknownWidth = readPrompt({ text: codexScreen('approval-exec-multiline-60') }).approvalCommand ?? '';
    assert.match(unknownWidth, /that it wraps\naround the edge/, 'without the width no line is joined');
  });

  it('MCP-2 the block is the approval only', () => {
    const block = read('approval-exec-escalated').promptBlock ?? '';
    assert.match(block, /^ {2}Would you like to run the following command\?\n/);
    assert.match(block, /Press enter to confirm or esc to cancel$/);
    assert.match(read('approval-mcp-tool').promptBlock ?? '', /^ {2}Field 1\/1\n/);
    assert.match(read('trust-directory-prompt').promptBlock ?? '', /^ {2}Folder access\n/);
  });

  it('MCP-2 a patch approval', () => {
    const text = codexScreen('approval-exec-escalated')
      .replace('Would you like to run the following command?', 'Would you like to make the following edits?')
      .replace('  Environment: local\n\n', '').replace('  $ touch /home/op/zz-not-there', '  Destination: /home/op/zz');
    const prompt = readPrompt({ text, width: 110 });
    assert.deepEqual([prompt.approvalKind, prompt.approvalCommand], ['patch', 'Reason: Do you want to let me run this outside the sandbox?\n\nDestination: /home/op/zz']);
  });

  it('MCP-2 the fingerprint follows the question, not the selection', () => {
    const text = codexScreen('approval-exec-escalated');
    const moved = text.replace('› 1. Yes', '  1. Yes').replace('  3. No', '› 3. No');
    const other = text.replace('$ touch /home/op/zz-not-there', '$ touch /home/op/zz-not-here');
    const print = (screen: string) => readPrompt({ text: screen, width: 110 }).fingerprint;
    assert.equal(readPrompt({ text: moved }).approvalOptions[2]?.selected, true);
    assert.equal(print(moved), print(text));
    assert.notEqual(print(other), print(text));
  });

  it("MCP-2 the count of open questions above an MCP approval, which comes with a move of the selection, is no part of it", () => {
    const text = codexScreen('approval-mcp-tool');
    const moved = text.replace('Field 1/1', 'Field 1/1 (1 required unanswered)').replace('› 1. Allow', '  1. Allow').replace('  2. Allow', '› 2. Allow');
    const [before, after] = [readPrompt({ text, width: 110 }), readPrompt({ text: moved, width: 110 })];
    assert.equal(after.approvalOptions[1]?.selected, true);
    assert.equal(after.fingerprint, before.fingerprint);
  });

  it('MCP-2 draft, staged text and placeholder of the composer are told apart', () => {
    const idle = codexScreen('idle-at-prompt');
    const row = idle.split('\n').findIndex((line) => line.startsWith('›'));
    const draft = idle.replace('› Ask Codex to do anything', '› first line\n  second line\n\n  after a blank');
    assert.equal(readPrompt({ text: draft }).promptText, 'first line\nsecond line\n\nafter a blank');
    assert.equal(readPrompt({ text: idle, cursor: { x: 2, y: row } }).promptText, '');
    assert.equal(readPrompt({ text: idle, cursor: { x: 26, y: row } }).promptText, 'Ask Codex to do anything', 'with the cursor behind it, a person wrote it');
    const bare = idle.slice(0, idle.indexOf('› Ask')) + '› hello';
    assert.equal(readPrompt({ text: bare, cursor: { x: 7, y: row } }).kind, 'codex-composer');
    assert.equal(readPrompt({ text: bare }).kind, 'none', 'neither footer nor cursor');
    assert.equal(readPrompt({ text: idle.replace('› Ask Codex to do anything', '› 1. first of all') }).promptText, '1. first of all');
  });

  it('MCP-2 shell prompts and y/n questions', () => {
    assert.deepEqual(shell('op@box:~/x$ git push', 'bash'), ['shell', 'git push']);
    assert.deepEqual(shell('out\n$ ', 'sh'), ['shell', '']);
    assert.deepEqual(shell('➜ ls', 'zsh'), ['shell', 'ls']);
    assert.deepEqual(shell('[op@box x]# ', undefined), ['shell', '']);
    assert.deepEqual(shell('price: 5 $ a piece', 'vim'), ['none', null]);
    assert.deepEqual(shell('no prompt yet', 'bash'), ['shell', null]);
    const yes = readPrompt({ text: 'The following will be removed: x\nContinue? [Y/n] ', command: 'apt' });
    assert.deepEqual([yes.approvalKind, yes.approvalCommand], ['yes-no', 'Continue? [Y/n]']);
    assert.deepEqual(yes.approvalOptions, [{ key: 'y', label: 'yes', selected: true }, { key: 'n', label: 'no', selected: false }]);
    assert.deepEqual(readPrompt({ text: 'continue connecting (yes/no/[fingerprint])? ' }).approvalOptions.map((one) => one.key), ['yes', 'no']);
  });

  it('MCP-2 a menu further up, or one without keys below, is only text', () => {
    const menu = codexScreen('approval-exec-escalated').trimEnd();
    assert.equal(readPrompt({ text: `${menu}\nop@box:~$ `, command: 'bash' }).kind, 'shell');
    assert.equal(readPrompt({ text: menu.slice(0, menu.lastIndexOf('\n')) }).kind, 'none');
    assert.equal(readPrompt({ text: menu.replace('› 1.', '  1.') }).kind, 'none', 'nothing is selected');
  });

  it('MCP-2 reads any text without failing', () => {
    const piece = fc.constantFrom('› ', '  ', '1. yes', '2. no', 'Press enter to confirm', '$ ', '■ ', '• ', '\n', '\n\n', 'text', '[y/n]');
    fc.assert(fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const prompt = readPrompt({ text: pieces.join(''), width: 40, cursor: { x: 3, y: 2 } });
      assert.equal(prompt.kind === 'approval', prompt.fingerprint !== null);
    }));
  });
});

function shell(text: string, command: string | undefined): [string, string | null] {
  const prompt = readPrompt({ text, ...(command === undefined ? {} : { command }) });
  return [prompt.kind, prompt.promptText];
}
