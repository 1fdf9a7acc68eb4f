import { delay } from '../base/clock.ts';
import { HumanError } from '../base/errors.ts';
import type { PromptReading } from '../domain/promptReading.ts';
import type { ToolContext, ToolInput, WriteResult } from '../protocol/sessionTools.ts';
import { readApproval } from './reads.ts';
import type { SessionContext } from './sessionContext.ts';
import { write } from './write.ts';

const verifyForMs = 5000;
const verifyEveryMs = 100;

/** MCP-2 `approve_prompt`: answers the approval that the reader saw and only that; never retried. */
export async function approvePrompt(context: SessionContext, input: ToolInput<'approve_prompt'>, call: ToolContext): Promise<WriteResult> {
  const seen = input.fingerprint ?? context.lastFingerprint;
  if (seen === null) throw new HumanError('approval-unread', 'Call session_status first and look at the approval; then answer it with its fingerprint.');
  const now = await readApproval(context);
  if (now.fingerprint === null) throw new HumanError('no-approval', 'No approval is on the screen any more. Nothing was typed. Call session_status.');
  if (now.fingerprint !== seen) throw new HumanError('approval-changed', 'The approval on the screen is another one than you read. Nothing was typed. Call session_status and look again.');
  const keys = keysFor(now, input.option);
  const result = await write(context, 'approve_prompt', `${input.option}: ${now.approvalCommand ?? ''}`, [{ payload: { kind: 'keys', bytes: Buffer.from(keys) }, pauseBeforeMs: 0 }], call);
  if (result.outcome !== 'accepted') return result;
  context.lastFingerprint = null;
  const isGone = await approvalGone(context, seen);
  return {
    ...result,
    screenReacted: result.screenReacted || isGone,
    explanation: isGone ? 'Accepted; the approval is gone from the screen.' : 'Accepted by tmux, but the approval is still on the screen after 5 s. Do not send it again; call session_status.',
  };
}

/** A numbered menu takes its digit alone; a y/n question takes the letter and Enter. */
function keysFor(prompt: PromptReading, option: string): string {
  const chosen = prompt.approvalOptions.find((row) => row.key === option);
  if (!chosen) {
    const offered = prompt.approvalOptions.map((row) => `${row.key} (${row.label})`).join(', ');
    throw new HumanError('no-such-option', `The approval has no option ${JSON.stringify(option)}. It offers: ${offered}. Nothing was typed.`);
  }
  return prompt.approvalKind === 'yes-no' ? `${chosen.key}\r` : chosen.key;
}

async function approvalGone(context: SessionContext, fingerprint: string): Promise<boolean> {
  const deadlineMs = context.deps.clock.nowMs() + verifyForMs;
  while (context.deps.clock.nowMs() < deadlineMs) {
    if ((await readApproval(context)).fingerprint !== fingerprint) return true;
    await delay(verifyEveryMs);
  }
  return false;
}
