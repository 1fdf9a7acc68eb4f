import { ConnectError } from '../adapters/shell/shell.ts';
import { codeOf } from '../base/errors.ts';
import type { PaneScreen } from '../hosts/screens.ts';
import type { ToolContext } from '../protocol/sessionTools.ts';
import { readObserved, type ObservedReply } from './readObserved.ts';
import { currentSession, linkDown, openLink, sessionGone, type SessionContext } from './sessionContext.ts';

/** A session at one moment. */
export type Sight = { observed: ObservedReply; screen: PaneScreen };

/**
 * Reads who owns the session, and then its screen: what changes between the two makes a later write stale, never fresh. What the reader knows stays as it
 * is until the sight is given to it with `noteSeen`. Throws a HumanError if the session or the link is gone.
 */
export async function look(context: SessionContext, historyLines = 0): Promise<Sight> {
  const { deps, ref } = context;
  currentSession(context);
  const link = openLink(context);
  try {
    const [observed, screen] = await Promise.all([link.request(readObserved(ref.id)), link.capture(ref.id, historyLines)]);
    deps.observe({ kind: 'ownership', alias: ref.alias, id: ref.id, mark: observed.mark, server: observed.server });
    return { observed, screen };
  } catch (error) {
    if (codeOf(error) === 'no-session') throw sessionGone(context, error);
    if (codeOf(error) === 'link-lost' || error instanceof ConnectError) throw linkDown(context, error);
    throw error;
  }
}

/**
 * The reader is about to get this sight: its next write carries what was observed here (OWN-4), and a later change is new to it. `withScreen`: it gets the
 * text too, so that its next delta starts here. A call that was cancelled throws its reason instead, because nobody reads its answer.
 */
export function noteSeen(context: SessionContext, { observed, screen }: Sight, call: ToolContext, options: { withScreen: boolean }): void {
  call.signal.throwIfAborted();
  context.observed = { owner: observed.mark.owner, epoch: observed.mark.epoch, server: observed.server, paneId: observed.paneId };
  context.lastLookText = screen.text;
  if (options.withScreen) context.lastSeenText = screen.text;
}
