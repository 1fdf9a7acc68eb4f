import type { SessionRef } from '../domain/ids.ts';
import type { SessionPort, SessionToolName, ToolContext, ToolInput, ToolOutput } from '../protocol/sessionTools.ts';
import { capturePrompt, captureSnapshot, sessionStatus } from './reads.ts';
import { listRemoteSessions, readActionLog } from './listings.ts';
import { getSettledDelta, waitForChange } from './waits.ts';
import { approvePrompt } from './approve.ts';
import { clearScrollback, interrupt, sendInput, sendKeys, sendText } from './sends.ts';
import { installRemoteAuth } from './installAuth.ts';
import type { SessionContext, SessionDeps } from './sessionContext.ts';

type Tools = { [N in SessionToolName]: (context: SessionContext, input: ToolInput<N>, call: ToolContext) => Promise<ToolOutput<N>> };

const tools: Tools = {
  session_status: sessionStatus,
  capture_snapshot: captureSnapshot,
  capture_prompt: capturePrompt,
  get_settled_delta: getSettledDelta,
  wait_for_change: waitForChange,
  send_text: sendText,
  send_input: sendInput,
  send_keys: sendKeys,
  approve_prompt: approvePrompt,
  interrupt,
  clear_scrollback: clearScrollback,
  install_remote_auth: installRemoteAuth,
  list_remote_sessions: listRemoteSessions,
  read_action_log: readActionLog,
};

/** The tools of one session for one reader (MCP-1): no call can name another session. */
export function createSessionPort(deps: SessionDeps, ref: SessionRef, actor: string): SessionPort {
  const context: SessionContext = { deps, ref, actor, observed: null, lastLookText: null, lastSeenText: null, lastFingerprint: null };
  return {
    async call<N extends SessionToolName>(tool: N, input: ToolInput<N>, call: ToolContext): Promise<ToolOutput<N>> {
      const run: Tools[N] = tools[tool];
      return await run(context, input, call);
    },
  };
}
