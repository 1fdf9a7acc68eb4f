import { guardedWrite, type WritePayload } from '../adapters/tmux/guard.ts';
import { assertNever } from '../base/assertNever.ts';
import { delay } from '../base/clock.ts';
import { codeOf, messageOf } from '../base/errors.ts';
import { findSession } from '../domain/fleet.ts';
import type { WriteOutcome } from '../domain/ownership.ts';
import type { PaneScreen } from '../hosts/screens.ts';
import type { KeyName } from '../protocol/sessionTools.ts';
import { keyBytes } from './keyBytes.ts';
import { reacted, screenNow } from './reaction.ts';
import type { CursorKeys } from './readObserved.ts';
import type { SessionContext } from './sessionContext.ts';

/** One step of a write. Each that writes is one accept at tmux; a `check` looks at the screen and decides whether the rest is still right. */
export type WriteStep =
  | { kind: 'text'; text: string }
  | { kind: 'key'; key: KeyName }
  | { kind: 'bytes'; bytes: Buffer }
  | { kind: 'clear-history' }
  | { kind: 'check'; decide: (screen: PaneScreen) => Verdict; /** ms that `wait` may last */ waitMs: number; /** what holds then */ late: 'go-on' | { stop: string } };
export type Verdict = 'go-on' | 'done' | 'wait' | { stop: string };

/** How the steps ended; `stopped` is what a check or a cancelled call did. */
export type StepsOutcome = WriteOutcome | { kind: 'stopped'; why: string; hasWritten: boolean };

/** Codex takes an Enter within 120 ms of pasted text as a newline. */
const enterPauseMs = 160;
/** A slow program gets this long to show a text before the pause begins; one that shows nothing costs all of it. */
const echoLooksMs = [10, 20, 40, 80, 150, 200];
const checkEveryMs = 40;

/** Runs the steps in order and stops at the first that does not go in. `screen` is the one before the last step, which a reaction is told from. */
export async function runSteps(
  context: SessionContext,
  steps: readonly WriteStep[],
  before: PaneScreen | null,
  cursorKeys: CursorKeys,
  signal: AbortSignal,
): Promise<{ outcome: StepsOutcome; screen: PaneScreen | null }> {
  let leftCopyMode = false;
  let hasWritten = false;
  let screen = before;
  for (const [at, step] of steps.entries()) {
    if (hasWritten && signal.aborted) return { outcome: { kind: 'stopped', why: 'The call was cancelled.', hasWritten }, screen };
    if (step.kind === 'check') {
      const verdict = await checked(context, step);
      if (verdict === 'done') break;
      if (verdict !== 'go-on') return { outcome: { kind: 'stopped', why: verdict.stop, hasWritten }, screen };
      continue;
    }
    if (step.kind === 'key' && steps[at - 1]?.kind === 'text') {
      await reacted(context, screen, echoLooksMs);
      await delay(enterPauseMs);
      screen = (await screenNow(context)) ?? screen;
    }
    const outcome = await writePayload(context, payloadOf(step, cursorKeys));
    if (outcome.kind === 'refused' && hasWritten) return { outcome: { ...outcome, kind: 'partial' }, screen };
    if (outcome.kind !== 'accepted') return { outcome, screen };
    hasWritten = true;
    leftCopyMode ||= outcome.leftCopyMode;
  }
  return { outcome: { kind: 'accepted', leftCopyMode }, screen };
}

function payloadOf(step: Exclude<WriteStep, { kind: 'check' }>, cursorKeys: CursorKeys): WritePayload {
  switch (step.kind) {
    case 'text':
      return { kind: 'paste', bytes: Buffer.from(step.text, 'utf8') };
    case 'key':
      return { kind: 'keys', bytes: keyBytes(step.key, cursorKeys) };
    case 'bytes':
      return { kind: 'keys', bytes: step.bytes };
    case 'clear-history':
      return { kind: 'clear-history' };
    default:
      return assertNever(step);
  }
}

/** One guarded write, to the pane that the reader saw and with the epoch that it saw (OWN-4, OWN-5). */
async function writePayload(context: SessionContext, payload: WritePayload): Promise<WriteOutcome> {
  const { deps, ref, observed } = context;
  const session = findSession(deps.fleet(), ref);
  const link = deps.link(ref.alias);
  if (!session) return { kind: 'refused', reason: 'session-gone', epoch: null };
  if (!link?.isOnline) return { kind: 'refused', reason: 'link-down', epoch: null };
  if (session.ownership.kind === 'unread') return { kind: 'refused', reason: 'ownership-unread', epoch: null };
  if (observed === null) return { kind: 'refused', reason: 'stale-epoch', epoch: session.ownership.epoch };
  // The operator writes as whoever owned the session when they looked, unless that was another cockpit.
  const asHuman = context.actor === 'human' && observed.owner.endsWith(`:${deps.install}`);
  const fence = { server: observed.server, owner: asHuman ? observed.owner : `agent:${deps.install}`, epoch: observed.epoch };
  try {
    const reply = await link.request(guardedWrite({ id: ref.id, paneId: observed.paneId }, fence, payload));
    if (reply.kind === 'accepted') return reply;
    return { kind: 'refused', reason: reply.reason, epoch: reply.mark?.epoch ?? null };
  } catch (error) {
    // There was no session left to ask tmux through, so nothing was asked.
    if (codeOf(error) === 'no-session') return { kind: 'refused', reason: 'session-gone', epoch: null };
    return { kind: 'unknown', cause: messageOf(error) };
  }
}

async function checked(context: SessionContext, step: Extract<WriteStep, { kind: 'check' }>): Promise<'go-on' | 'done' | { stop: string }> {
  const { clock } = context.deps;
  const deadlineMs = clock.nowMs() + step.waitMs;
  for (;;) {
    const screen = await screenNow(context);
    const verdict = screen === null ? 'wait' : step.decide(screen);
    if (verdict !== 'wait') return verdict;
    if (clock.nowMs() >= deadlineMs) return step.late;
    await delay(checkEveryMs);
  }
}
