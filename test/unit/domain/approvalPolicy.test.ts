import assert from 'node:assert/strict';
import { agentLimits, approvalRisk, mayAgentAnswer } from '../../../src/supervisor/domain/approvalPolicy.ts';
import { readPrompt } from '../../../src/supervisor/domain/promptReading.ts';
import { isOwnText, stage } from '../../../src/supervisor/domain/stagedText.ts';
import { recordedScreens } from '../../support/recordedScreens.ts';

const recorded = (name: string) => recordedScreens().filter((screen) => screen.name === name).map((screen) => readPrompt(screen));

describe('what the agent may approve', () => {
  it('MCP-2 the risk of every recorded approval is the same at every width; what is cut is unknown', () => {
    const risks: [name: string, risk: string, why: RegExp][] = [
      ['approval-exec', 'writes', /touch/],
      ['approval-long', 'read-only', /only reads/],
      ['approval-lines', 'unknown', /shell/],
      ['approval-tall', 'unknown', /not on the screen/],
      ['approval-mcp', 'unknown', /not a command/],
      ['question', 'unknown', /not a command/],
    ];
    for (const [name, risk, why] of risks) {
      for (const prompt of recorded(name)) {
        const reading = approvalRisk(prompt);
        assert.equal(reading.risk, risk, name);
        assert.match(reading.why, why);
      }
    }
  });

  it('MCP-2 yes once up to the limit, no always, a rule for the future never', () => {
    const [touch] = recorded('approval-exec');
    const [mcp] = recorded('approval-mcp');
    assert.ok(touch && mcp);
    const may = (prompt: typeof touch, limit: (typeof agentLimits)[number]) => prompt.approvalOptions.filter(({ key }) => mayAgentAnswer(prompt, key, limit)).map(({ key }) => key).join('');
    assert.deepEqual(agentLimits.map((limit) => may(touch, limit)), ['3', '3', '13', '13']);
    assert.deepEqual(agentLimits.map((limit) => may(mcp, limit)), ['4', '4', '4', '4']);
    assert.equal(mayAgentAnswer(touch, '9', 'network'), false);
  });
});

describe('text that cockpit staged', () => {
  it('OWN-9 is its own while nobody else had the session: wrapped, in parts, submitted but still there, long, or tall', () => {
    const one = stage(null, 7, 'please go ');
    const two = stage(one, 7, 'on with\nthe plan');
    assert.ok(isOwnText('please go on with\nthe plan', two, 7));
    assert.ok(isOwnText('please go\non with the\nplan', two, 7));
    assert.ok(isOwnText('please go', { ...one, isSubmitted: true }, 7));
    assert.equal(stage({ ...one, isSubmitted: true }, 7, 'x').text, 'x');
    assert.equal(stage(one, 8, 'x').text, 'x');
    assert.ok(isOwnText('[Pasted Content 2000 chars]', stage(null, 7, 'é'.repeat(2000)), 7));
    const lines = Array.from({ length: 40 }, (_, at) => `line ${at}`);
    assert.ok(isOwnText(`line 21                ↑\n${lines.slice(22).join('\n')}`, stage(null, 7, lines.join('\n')), 7));
  });

  it('OWN-9 is foreign with one character more or less, after another owner, or where nothing was staged', () => {
    const staged = stage(null, 7, 'please go on');
    for (const shown of ['please go on!', 'please go o', 'x', '[Pasted Content 12 chars]x', '[Pasted Content 11 chars]']) assert.equal(isOwnText(shown, staged, 7), false, shown);
    assert.equal(isOwnText('please go on', staged, 8), false);
    assert.equal(isOwnText('please go on', null, 7), false);
  });
});
