import { delay } from '../base/clock.ts';
import { DisposableStore } from '../base/disposable.ts';
import { codeOf } from '../base/errors.ts';
import { findHost, findSession, type RemoteSession } from '../domain/fleet.ts';
import { sessionKey } from '../domain/ids.ts';
import { screenDelta } from '../domain/screenDelta.ts';
import { withoutNoise } from '../domain/screenNoise.ts';
import { maxWaitMs, quietMs } from '../domain/settle.ts';
import type { ToolContext, ToolInput, ToolOutput } from '../protocol/sessionTools.ts';
import { look, noteSeen, type Sight } from './look.ts';
import { viewOf } from './reads.ts';
import type { SessionContext } from './sessionContext.ts';

type Why = ToolOutput<'wait_for_change'>['why'];

const progressEveryMs = 15_000;

/** MCP-2 `get_settled_delta`: what changed on the settled screen since the reader was given it last (MCP-6), waiting at most `maxWaitMs` for a change to begin. */
export async function getSettledDelta(context: SessionContext, input: ToolInput<'get_settled_delta'>, call: ToolContext): Promise<ToolOutput<'get_settled_delta'>> {
  const before = context.lastSeenText ?? '';
  const deadlineMs = context.deps.clock.nowMs() + input.maxWaitMs;
  let sight = await settledSight(context, call);
  while (!differs(before, sight)) {
    const leftMs = deadlineMs - context.deps.clock.nowMs();
    if (leftMs <= 0) break;
    const why = await nextChange(context, leftMs, call);
    sight = await settledSight(context, call);
    if (why === 'timeout' || why === 'nudge') break;
  }
  noteSeen(context, sight, call, { withScreen: true });
  return { ...viewOf(context, screenDelta(before, sight.screen.text), sight), changed: differs(before, sight) };
}

/** MCP-2 `wait_for_change`: sleeps until the settled screen, the state, the ownership or the link changes, a nudge comes, or the time is over. What the reader missed since it last looked counts. */
export async function waitForChange(context: SessionContext, input: ToolInput<'wait_for_change'>, call: ToolContext): Promise<ToolOutput<'wait_for_change'>> {
  try {
    return await changeOf(context, input, call);
  } catch (error) {
    // Lost in the middle of a look.
    if (codeOf(error) === 'link-down') return linkLost;
    throw error;
  }
}

const linkLost: ToolOutput<'wait_for_change'> = { text: '', epoch: null, owner: 'unread', ageMs: null, changed: true, why: 'link' };

async function changeOf(context: SessionContext, input: ToolInput<'wait_for_change'>, call: ToolContext): Promise<ToolOutput<'wait_for_change'>> {
  const deadlineMs = context.deps.clock.nowMs() + input.timeoutMs;
  const leftMs = () => Math.max(0, deadlineMs - context.deps.clock.nowMs());
  if (isAway(context)) return await untilBack(context, leftMs, call);
  const known = context.observed?.epoch ?? null;
  let sight = await look(context);
  const before = context.lastLookText ?? sight.screen.text;
  let why: Why | null = known !== null && known !== sight.observed.mark.epoch ? 'ownership' : differs(before, sight) ? 'screen' : null;
  while (why === null) {
    const next = await nextChange(context, leftMs(), call);
    if (next === 'link' && isAway(context)) return linkLost;
    sight = await look(context);
    // A screen may settle on what the reader has seen already: that is no change.
    why = next === 'screen' && !differs(before, sight) ? null : next;
  }
  return tell(context, why, why === 'screen' ? await settledSight(context, call) : sight, call);
}

function tell(context: SessionContext, why: Why, sight: Sight, call: ToolContext): ToolOutput<'wait_for_change'> {
  const text = screenDelta(context.lastSeenText ?? context.lastLookText ?? '', sight.screen.text);
  noteSeen(context, sight, call, { withScreen: true });
  return { ...viewOf(context, text, sight), changed: why !== 'timeout' && why !== 'nudge', why };
}

/** The link is down: the change to wait for is that it is up again. */
async function untilBack(context: SessionContext, leftMs: () => number, call: ToolContext): Promise<ToolOutput<'wait_for_change'>> {
  while (isAway(context)) {
    const why = await nextChange(context, leftMs(), call);
    if (isAway(context) && why !== 'link') return { ...linkLost, changed: false, why };
  }
  return tell(context, 'link', await look(context), call);
}

/** Whether the session cannot be looked at now, but may come back with its link. */
function isAway({ deps, ref }: SessionContext): boolean {
  const isOnline = deps.link(ref.alias)?.isOnline ?? false;
  return findHost(deps.fleet(), ref.alias) !== undefined && (!isOnline || findSession(deps.fleet(), ref)?.ownership.kind === 'unread');
}

function differs(before: string, { screen }: Sight): boolean {
  return withoutNoise(before) !== withoutNoise(screen.text);
}

/** The screen once it has been quiet, or as it is after the maximum wait (MCP-6). */
async function settledSight(context: SessionContext, call: ToolContext): Promise<Sight> {
  const { clock } = context.deps;
  const latestMs = clock.nowMs() + maxWaitMs;
  for (;;) {
    const sight = await look(context);
    const waitMs = Math.min(sight.screen.changedAtMs + quietMs, latestMs) - clock.nowMs();
    if (waitMs <= 0) return sight;
    await delay(waitMs, call.signal);
  }
}

function nextChange(context: SessionContext, timeoutMs: number, call: ToolContext): Promise<Why> {
  const { deps, ref } = context;
  const store = new DisposableStore();
  return new Promise<Why>((resolve, reject) => {
    const link = deps.link(ref.alias);
    const start = { session: findSession(deps.fleet(), ref), isAway: isAway(context) };
    const abort = () => {
      reject(call.signal.reason as Error);
    };
    call.signal.addEventListener('abort', abort, { once: true });
    store.add({ dispose: () => { call.signal.removeEventListener('abort', abort); } });
    if (call.signal.aborted) abort();
    if (link) {
      store.add(link.watch(ref.id));
      store.add(link.onDidSettle((id) => {
        if (id === ref.id) resolve('screen');
      }));
    }
    store.add(deps.onDidChangeFleet(() => {
      const why = start.isAway === isAway(context) ? changed(start.session, findSession(deps.fleet(), ref)) : 'link';
      if (why) resolve(why);
    }));
    store.add(deps.onWillNudge((key) => {
      if (key === sessionKey(ref)) resolve('nudge');
    }));
    store.add(deps.clock.after(timeoutMs, () => { resolve('timeout'); }));
    store.add(deps.clock.every(progressEveryMs, () => { call.progress('nothing changed yet'); }));
  }).finally(() => { store.dispose(); });
}

function changed(start: RemoteSession | undefined, now: RemoteSession | undefined): Why | null {
  if (!now) return 'link';
  if (start?.state !== now.state) return 'state';
  const was = start.ownership;
  const is = now.ownership;
  return was.kind !== is.kind || (was.kind === 'ours' && is.kind === 'ours' && was.owner !== is.owner) ? 'ownership' : null;
}
