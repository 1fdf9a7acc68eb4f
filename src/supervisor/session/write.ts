import { assertNever } from '../base/assertNever.ts';
import { codeOf, HumanError, messageOf } from '../base/errors.ts';
import { findHost, findSession } from '../domain/fleet.ts';
import { sessionKey } from '../domain/ids.ts';
import { explainRefusal, type RefusalReason } from '../domain/ownership.ts';
import { isTooOldToGuard } from '../domain/tmuxVersion.ts';
import type { ToolContext, WriteResult } from '../protocol/sessionTools.ts';
import { claimAgeMs } from '../domain/claim.ts';
import { holdsForeignText, noteStaged } from './composer.ts';
import { look, type Sight } from './look.ts';
import { reacted } from './reaction.ts';
import type { SessionContext } from './sessionContext.ts';
import { runSteps, type StepsOutcome, type WriteStep } from './writeSteps.ts';
import { inTurn } from './writeTurns.ts';

export type { WriteStep } from './writeSteps.ts';

/** What a tool writes; `detail` is for the audit. `refusedAs`: it is not done for this reason, and has its row. */
export type Writing = { tool: string; detail: string; steps: WriteStep[]; refusedAs?: RefusalReason | null };

/** Writes the steps in order through the guard: one audit row, durable before the first byte leaves; stops at the first refusal (OWN-2, 4, 5, 7, 8). */
export function write(context: SessionContext, writing: Writing, call: ToolContext): Promise<WriteResult> {
  return inTurn(context.deps.actions, sessionKey(context.ref), () => writeNow(context, writing, call));
}

async function writeNow(context: SessionContext, writing: Writing, call: ToolContext): Promise<WriteResult> {
  const { deps } = context;
  call.signal.throwIfAborted();
  const sight = isTooOld(context) ? null : await sightOrNull(context);
  const auditId = begin(context, writing, call.meta);
  if (auditId === null) return refusal(context, 'audit-unavailable', null);
  const { outcome, screen } = await run(context, writing, sight, call.signal);
  if (outcome.kind === 'accepted' || outcome.kind === 'partial') noteStaged(context, writing.steps);
  deps.actions.endAction(auditId, outcome.kind === 'stopped' ? stoppedAs(outcome) : outcome.kind, reasonOf(outcome));
  deps.didAct(sessionKey(context.ref), outcome.kind === 'accepted' && context.actor !== 'human');
  deps.observe({ kind: 'wrote', alias: context.ref.alias, id: context.ref.id, tool: writing.tool, refused: outcome.kind === 'refused' || outcome.kind === 'partial' ? outcome.reason : null });
  const shows = writing.steps.some((step) => step.kind !== 'clear-history');
  const screenReacted = outcome.kind === 'accepted' && shows && (await reacted(context, screen));
  return { ...describe(context, outcome), screenReacted, auditId };
}

/** What comes of the steps; a fault of cockpit's own leaves it unknown what went in, and the row must still end. */
async function run(context: SessionContext, { steps, refusedAs }: Writing, sight: Sight | null, signal: AbortSignal): Promise<{ outcome: StepsOutcome; screen: Sight['screen'] | null }> {
  if (isTooOld(context)) return { outcome: { kind: 'refused', reason: 'tmux-too-old', epoch: null }, screen: null };
  const refused = (reason: RefusalReason) => ({ outcome: { kind: 'refused' as const, reason, epoch: sight?.observed.mark.epoch ?? null }, screen: null });
  if (refusedAs) return refused(refusedAs);
  try {
    if (sight !== null && touchesComposer(steps) && isFresh(context, sight) && (await holdsForeignText(context, sight))) return refused('composer-occupied');
    return await runSteps(context, steps, sight?.screen ?? null, sight?.observed.cursorKeys ?? 'normal', signal);
  } catch (error) {
    return { outcome: { kind: 'unknown', cause: messageOf(error) }, screen: null };
  }
}

/** Escape stops a turn and leaves a draft alone; everything else that is typed would change it. */
function touchesComposer(steps: readonly WriteStep[]): boolean {
  return steps.some((step) => step.kind === 'text' || step.kind === 'bytes' || (step.kind === 'key' && step.key !== 'Escape'));
}

/** Whether the guard would let the write through now; where it would not, its reason is the one to tell. */
function isFresh({ deps, observed }: SessionContext, sight: Sight): boolean {
  return sight.observed.mark.owner === `agent:${deps.install}` && observed?.epoch === sight.observed.mark.epoch;
}

/** Without tmux 3.2 there is no guard, and nothing is written past it. */
function isTooOld({ deps, ref }: SessionContext): boolean {
  return isTooOldToGuard(findHost(deps.fleet(), ref.alias)?.tmuxVersion ?? null);
}

/** Null if the session or its link is away: the write is then refused with its reason, and has its row. */
async function sightOrNull(context: SessionContext): Promise<Sight | null> {
  try {
    return await look(context);
  } catch (error) {
    if (error instanceof HumanError) return null;
    throw error;
  }
}

function begin(context: SessionContext, { tool, detail }: Writing, meta: Record<string, string>): string | null {
  const { deps, ref, actor } = context;
  const epoch = context.observed?.epoch ?? null;
  try {
    return deps.actions.beginAction({ key: sessionKey(ref), host: ref.alias, session: ref.id, actor, tool, kind: 'write', detail, epoch, meta });
  } catch (error) {
    if (codeOf(error) === 'audit-unavailable') return null;
    throw error;
  }
}

function reasonOf(outcome: StepsOutcome): string | null {
  switch (outcome.kind) {
    case 'accepted':
      return null;
    case 'refused':
    case 'partial':
      return outcome.reason;
    case 'unknown':
      return outcome.cause;
    case 'stopped':
      return outcome.why;
    default:
      return assertNever(outcome);
  }
}

function stoppedAs(outcome: { hasWritten: boolean }): 'partial' | 'refused' {
  return outcome.hasWritten ? 'partial' : 'refused';
}

function describe(context: SessionContext, outcome: StepsOutcome): Omit<WriteResult, 'screenReacted' | 'auditId'> {
  const epoch = context.observed?.epoch ?? null;
  switch (outcome.kind) {
    case 'accepted':
      return { outcome: 'accepted', reason: null, explanation: outcome.leftCopyMode ? 'Accepted. The pane was in copy mode, which was left first.' : 'Accepted.', epoch };
    case 'refused':
      return refusal(context, outcome.reason, outcome.epoch);
    case 'partial':
      return { ...refusal(context, outcome.reason, outcome.epoch), outcome: 'partial', explanation: `A first part went in, the rest was refused. ${explain(context, outcome.reason)}` };
    case 'stopped':
      return { outcome: stoppedAs(outcome), reason: null, explanation: `${outcome.hasWritten ? 'A first part went in, the rest was held back.' : 'Nothing was typed.'} ${outcome.why} Call session_status and look before you do anything else.`, epoch };
    case 'unknown':
      // Without its cause, in which the remote may have a say.
      return { outcome: 'unknown', reason: null, explanation: 'tmux did not confirm the write (the connection broke, or tmux failed): it may or may not have gone in. Call session_status and look before you retry.', epoch };
    default:
      return assertNever(outcome);
  }
}

function refusal(context: SessionContext, reason: RefusalReason, epoch: number | null): WriteResult {
  return { outcome: 'refused', reason, explanation: explain(context, reason), epoch, screenReacted: false, auditId: null };
}

function explain(context: SessionContext, reason: RefusalReason): string {
  const session = findSession(context.deps.fleet(), context.ref);
  return explainRefusal(context.ref, reason, session ? claimAgeMs(session, context.deps.clock.nowMs()) : null);
}
