import { delay } from '../base/clock.ts';
import { HumanError } from '../base/errors.ts';
import { mayAgentAnswer } from '../domain/approvalPolicy.ts';
import type { Markers } from '../domain/markers.ts';
import { readPrompt, type PromptReading } from '../domain/promptReading.ts';
import type { ToolContext, ToolInput, WriteResult } from '../protocol/sessionTools.ts';
import { look } from './look.ts';
import { screenNow } from './reaction.ts';
import { currentSession, type SessionContext } from './sessionContext.ts';
import { write, type WriteStep } from './write.ts';
import type { Verdict } from './writeSteps.ts';

const verifyForMs = 5_000;
const verifyEveryMs = 100;
/** A menu gets this long to show that its selection moved. */
const selectionMs = 1_500;
/** A question that took the letter alone gets this long to go away. */
const letterMs = 300;

/** MCP-2 `approve_prompt`: answers the approval that the reader saw and only that; never retried. What the reader has observed stays as it was (OWN-4). */
export async function approvePrompt(context: SessionContext, input: ToolInput<'approve_prompt'>, call: ToolContext): Promise<WriteResult> {
  const markers = context.deps.markers();
  const seen = context.lastFingerprint;
  if (seen === null) throw new HumanError('approval-unread', 'You have not read an approval since the last answer. Nothing was typed. Call session_status and look at it; then answer it with its fingerprint.');
  const now = readPrompt((await look(context)).screen, markers);
  if (now.fingerprint === null) throw new HumanError('no-approval', 'No approval is on the screen any more. Nothing was typed. Call session_status.');
  if (now.fingerprint !== seen || (input.fingerprint ?? seen) !== seen) {
    throw new HumanError('approval-changed', 'The approval on the screen is another one than you read. Nothing was typed. Call session_status and look again.');
  }
  const steps = stepsFor(now, seen, input.option, markers);
  const refusedAs = isForPerson(context, now, input.option) ? ('needs-person' as const) : null;
  const result = await write(context, { tool: 'approve_prompt', detail: `${input.option}: ${now.approvalCommand ?? ''}`, steps, refusedAs }, call);
  if (result.outcome === 'refused') return result;
  context.lastFingerprint = null;
  if (result.outcome !== 'accepted') return result;
  const isGone = await approvalGone(context, seen);
  return {
    ...result,
    screenReacted: result.screenReacted || isGone,
    explanation: isGone ? 'Accepted; the approval is gone from the screen.' : 'Accepted by tmux, but the approval is still on the screen after 5 s. Do not send it again; call session_status.',
  };
}

/** On a host with `approvals: ask` the agent answers within its limit only; the person everything. */
function isForPerson(context: SessionContext, prompt: PromptReading, option: string): boolean {
  if (context.actor === 'human' || currentSession(context).host.config.approvals !== 'ask') return false;
  return !mayAgentAnswer(prompt, option, context.deps.agentMayApprove());
}

/**
 * Codex submits some options at their digit and only selects others with it, within one menu; so the selection is moved with arrows, seen to be right, and
 * confirmed with Enter. A y/n question takes the letter, and Enter if it is still there.
 */
function stepsFor(prompt: PromptReading, fingerprint: string, option: string, markers: Markers): WriteStep[] {
  const options = prompt.approvalOptions;
  const wanted = options.findIndex((row) => row.key === option);
  if (wanted < 0) {
    // Keys only: the labels are the remote's words, and this is cockpit speaking.
    throw new HumanError('no-such-option', `The approval has no option ${JSON.stringify(option)}. Its options are: ${options.map((row) => row.key).join(', ')}. Nothing was typed.`);
  }
  if (prompt.approvalKind === 'yes-no') {
    return [{ kind: 'bytes', bytes: Buffer.from(option) }, { kind: 'check', decide: (screen) => letterTaken(screen.text, prompt.approvalCommand ?? ''), waitMs: letterMs, late: 'go-on' }, { kind: 'key', key: 'Enter' }];
  }
  const moves = wanted - options.findIndex((row) => row.selected);
  return [
    ...Array.from({ length: Math.abs(moves) }, (): WriteStep => ({ kind: 'key', key: moves > 0 ? 'Down' : 'Up' })),
    { kind: 'check', decide: (screen) => selectionOf(readPrompt(screen, markers), fingerprint, option), waitMs: selectionMs, late: { stop: 'The selection of the menu did not move to the option, so nothing was confirmed.' } },
    { kind: 'key', key: 'Enter' },
  ];
}

function selectionOf(now: PromptReading, fingerprint: string, option: string): Verdict {
  if (now.fingerprint !== fingerprint) return { stop: 'The approval changed while it was being answered, so nothing was confirmed.' };
  return now.approvalOptions.some((row) => row.selected && row.key === option) ? 'go-on' : 'wait';
}

/** Behind the letter the question is either there still, with or without the letter, or its program took the letter and went on. */
function letterTaken(text: string, question: string): Verdict {
  const last = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return last.startsWith(question) ? 'wait' : 'done';
}

async function approvalGone(context: SessionContext, fingerprint: string): Promise<boolean> {
  const deadlineMs = context.deps.clock.nowMs() + verifyForMs;
  while (context.deps.clock.nowMs() < deadlineMs) {
    const screen = await screenNow(context);
    if (screen !== null && readPrompt(screen, context.deps.markers()).fingerprint !== fingerprint) return true;
    await delay(verifyEveryMs);
  }
  return false;
}
