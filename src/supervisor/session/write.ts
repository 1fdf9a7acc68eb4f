import { guardedWrite, type WritePayload } from '../adapters/tmux/guard.ts';
import { delay } from '../base/clock.ts';
import { codeOf, messageOf } from '../base/errors.ts';
import { findSession } from '../domain/fleet.ts';
import { sessionKey } from '../domain/ids.ts';
import { explainRefusal, type RefusalReason, type WriteOutcome } from '../domain/ownership.ts';
import type { ToolContext, WriteResult } from '../protocol/sessionTools.ts';
import { claimAgeMs } from '../statusOf.ts';
import type { SessionContext } from './sessionContext.ts';

/** One accept at tmux; `pauseBeforeMs` keeps an Enter apart from a paste, because Codex takes an Enter within 120 ms of one as a newline. */
export type WriteStep = { payload: WritePayload; pauseBeforeMs: number };

/** How long the screen is watched for a reaction, in ms after the write; each entry is one look. */
const reactionLooksMs = [20, 40, 80, 160, 300, 600];

/** Writes the steps in order through the guard: one audit row, durable before the first byte leaves; stops at the first refusal (OWN-2, 4, 5, 7, 8). */
export function write(context: SessionContext, tool: string, detail: string, steps: WriteStep[], call: ToolContext): Promise<WriteResult> {
  const turn = context.tail.then(() => writeNow(context, tool, detail, steps, call));
  context.tail = turn.then(
    () => undefined,
    () => undefined,
  );
  return turn;
}

async function writeNow(context: SessionContext, tool: string, detail: string, steps: WriteStep[], call: ToolContext): Promise<WriteResult> {
  const { deps } = context;
  call.signal.throwIfAborted();
  const begun = begin(context, tool, detail, call.meta);
  if (begun === null) return refusal(context, 'audit-unavailable', null);
  const before = await screenText(context);
  const outcome = await writeSteps(context, steps);
  deps.actions.endAction(begun, outcome.kind, 'reason' in outcome ? outcome.reason : outcome.kind === 'unknown' ? outcome.cause : null);
  deps.didAct(sessionKey(context.ref), outcome.kind === 'accepted');
  const screenReacted = outcome.kind === 'accepted' && (await reacted(context, before));
  return { ...describe(context, outcome), screenReacted, auditId: begun };
}

function begin(context: SessionContext, tool: string, detail: string, meta: Record<string, string>): string | null {
  const { deps, ref } = context;
  const session = findSession(deps.fleet(), ref);
  try {
    return deps.actions.beginAction({
      key: session?.key ?? '',
      host: ref.alias,
      session: ref.id,
      actor: context.actor,
      tool,
      kind: 'write',
      detail,
      epoch: context.observed?.epoch ?? null,
      meta,
    });
  } catch (error) {
    if (codeOf(error) === 'audit-unavailable') return null;
    throw error;
  }
}

async function writeSteps(context: SessionContext, steps: WriteStep[]): Promise<WriteOutcome> {
  let leftCopyMode = false;
  for (const [at, step] of steps.entries()) {
    if (step.pauseBeforeMs > 0) await delay(step.pauseBeforeMs);
    const outcome = await writeStep(context, step.payload);
    if (outcome.kind === 'refused' && at > 0) return { ...outcome, kind: 'partial' };
    if (outcome.kind !== 'accepted') return outcome;
    leftCopyMode ||= outcome.leftCopyMode;
  }
  return { kind: 'accepted', leftCopyMode };
}

async function writeStep(context: SessionContext, payload: WritePayload): Promise<WriteOutcome> {
  const { deps, ref, observed } = context;
  const session = findSession(deps.fleet(), ref);
  const link = deps.link(ref.alias);
  if (!session) return { kind: 'refused', reason: 'session-gone', epoch: null };
  if (!link?.isOnline) return { kind: 'refused', reason: 'link-down', epoch: null };
  if (session.ownership.kind === 'unread') return { kind: 'refused', reason: 'ownership-unread', epoch: null };
  if (observed === null) return { kind: 'refused', reason: 'stale-epoch', epoch: session.ownership.epoch };
  const fence = { server: observed.server, owner: `agent:${deps.install}`, epoch: observed.epoch };
  try {
    const reply = await link.request(guardedWrite({ id: ref.id, paneId: session.observed.paneId }, fence, payload));
    if (reply.kind === 'accepted') return reply;
    return { kind: 'refused', reason: reply.reason, epoch: reply.mark?.epoch ?? null };
  } catch (error) {
    return { kind: 'unknown', cause: messageOf(error) };
  }
}

function describe(context: SessionContext, outcome: WriteOutcome): Omit<WriteResult, 'screenReacted' | 'auditId'> {
  const epoch = context.observed?.epoch ?? null;
  switch (outcome.kind) {
    case 'accepted':
      return { outcome: 'accepted', reason: null, explanation: outcome.leftCopyMode ? 'Accepted. The pane was in copy mode, which was left first.' : 'Accepted.', epoch };
    case 'refused':
      return refusal(context, outcome.reason, outcome.epoch);
    case 'partial':
      return { ...refusal(context, outcome.reason, outcome.epoch), outcome: 'partial', explanation: `A first part went in, the rest was refused. ${explain(context, outcome.reason)}` };
    case 'unknown':
      return {
        outcome: 'unknown',
        reason: null,
        explanation: `The connection broke before tmux answered (${outcome.cause}): the text may or may not have arrived. Call session_status and look before you retry.`,
        epoch,
      };
  }
}

function refusal(context: SessionContext, reason: RefusalReason, epoch: number | null): WriteResult {
  return { outcome: 'refused', reason, explanation: explain(context, reason), epoch, screenReacted: false, auditId: null };
}

function explain(context: SessionContext, reason: RefusalReason): string {
  const session = findSession(context.deps.fleet(), context.ref);
  return explainRefusal(context.ref, reason, session ? claimAgeMs(session, context.deps.clock.nowMs()) : null);
}

async function screenText(context: SessionContext): Promise<string | null> {
  const link = context.deps.link(context.ref.alias);
  if (!link?.isOnline || !findSession(context.deps.fleet(), context.ref)) return null;
  return (await link.capture(context.ref.id, 0)).text;
}

async function reacted(context: SessionContext, before: string | null): Promise<boolean> {
  for (const lookMs of reactionLooksMs) {
    await delay(lookMs);
    const now = await screenText(context);
    if (now !== null && now !== before) return true;
  }
  return false;
}
