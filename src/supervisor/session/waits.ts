import { DisposableStore } from '../base/disposable.ts';
import { findSession, type RemoteSession } from '../domain/fleet.ts';
import { screenDelta } from '../domain/screenDelta.ts';
import { sessionKey } from '../domain/ids.ts';
import type { ToolContext, ToolInput, ToolOutput } from '../protocol/sessionTools.ts';
import { look, viewOf } from './reads.ts';
import type { SessionContext } from './sessionContext.ts';

type Why = ToolOutput<'wait_for_change'>['why'];

const progressEveryMs = 15_000;

/** MCP-2 `get_settled_delta`: what changed on the screen since the reader looked last (MCP-6), waiting at most `maxWaitMs` for a change. */
export async function getSettledDelta(context: SessionContext, input: ToolInput<'get_settled_delta'>, call: ToolContext): Promise<ToolOutput<'get_settled_delta'>> {
  const before = context.lastSeenText ?? '';
  let screen = await look(context, 0);
  let delta = screenDelta(before, screen.text);
  if (delta === '' && input.maxWaitMs > 0) {
    await nextChange(context, input.maxWaitMs, call);
    screen = await look(context, 0);
    delta = screenDelta(before, screen.text);
  }
  return { ...viewOf(context, delta, screen), changed: delta !== '' };
}

/** MCP-2 `wait_for_change`: sleeps until the settled screen, the state, the ownership or the link changes, a nudge comes, or the time is over. */
export async function waitForChange(context: SessionContext, input: ToolInput<'wait_for_change'>, call: ToolContext): Promise<ToolOutput<'wait_for_change'>> {
  const before = context.lastSeenText;
  const first = await look(context, 0);
  const missed = before === null ? '' : screenDelta(before, first.text);
  if (missed !== '') return { ...viewOf(context, missed, first), changed: true, why: 'screen' };
  const deadlineMs = context.deps.clock.nowMs() + input.timeoutMs;
  for (;;) {
    const why = await nextChange(context, Math.max(0, deadlineMs - context.deps.clock.nowMs()), call);
    if (why === 'link') return { text: '', epoch: null, owner: 'unread', ageMs: null, changed: true, why };
    const screen = await look(context, 0);
    const delta = screenDelta(first.text, screen.text);
    // A screen may settle on what the reader has seen already: that is no change.
    if (why === 'screen' && delta === '') continue;
    return { ...viewOf(context, delta, screen), changed: why !== 'timeout' && why !== 'nudge', why };
  }
}

function nextChange(context: SessionContext, timeoutMs: number, call: ToolContext): Promise<Why> {
  const { deps, ref } = context;
  const store = new DisposableStore();
  return new Promise<Why>((resolve, reject) => {
    const link = deps.link(ref.alias);
    const start = findSession(deps.fleet(), ref);
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
      const why = changed(start, findSession(deps.fleet(), ref), deps.link(ref.alias)?.isOnline ?? false);
      if (why) resolve(why);
    }));
    store.add(deps.onWillNudge((key) => {
      if (key === sessionKey(ref)) resolve('nudge');
    }));
    store.add(deps.clock.after(timeoutMs, () => { resolve('timeout'); }));
    store.add(deps.clock.every(progressEveryMs, () => { call.progress('nothing changed yet'); }));
  }).finally(() => { store.dispose(); });
}

function changed(start: RemoteSession | undefined, now: RemoteSession | undefined, isOnline: boolean): Why | null {
  if (!now || !isOnline) return 'link';
  if (start?.state !== now.state) return 'state';
  const was = start.ownership;
  const is = now.ownership;
  return was.kind !== is.kind || (was.kind === 'ours' && is.kind === 'ours' && was.owner !== is.owner) ? 'ownership' : null;
}
