import type { RemoteNeed } from '../domain/remoteAccount.ts';
import { explainRefusal } from '../domain/ownership.ts';
import { claimAgeMs } from '../domain/claim.ts';
import { readState } from '../domain/stateReading.ts';
import type { RemoteAuthResult, ToolContext, ToolInput } from '../protocol/sessionTools.ts';
import { look, type Sight } from './look.ts';
import { currentSession, type SessionContext } from './sessionContext.ts';

/** MCP-7 `install_remote_auth`: the login of the account whose turn it is, for the remote Codex of this session. Like a write it is refused while the operator owns the session. */
export async function installRemoteAuth(context: SessionContext, _input: ToolInput<'install_remote_auth'>, call: ToolContext): Promise<RemoteAuthResult> {
  const { deps, ref, actor } = context;
  const sight = await look(context);
  call.signal.throwIfAborted();
  const { session } = currentSession(context);
  const { ownership } = session;
  if (ownership.kind !== 'ours' || ownership.owner !== 'agent') {
    const reason = ownership.kind === 'unread' ? 'ownership-unread' : ownership.kind === 'foreign' ? 'foreign-owner' : 'human-owns';
    return { outcome: 'refused', account: null, explanation: explainRefusal(ref, reason, claimAgeMs(session, deps.clock.nowMs())), auditId: null };
  }
  const done = await deps.installLogin({ ref, actor, need: needOf(context, sight), meta: call.meta });
  deps.didAct(session.key, done.outcome === 'installed');
  return done;
}

/** Why a login is wanted, as this very screen says it. */
function needOf({ deps }: SessionContext, { screen }: Sight): RemoteNeed {
  const { state, evidence } = readState({ title: screen.title, command: screen.command, screenText: screen.text, cursor: screen.cursor, online: true, atMs: screen.readAtMs, markers: deps.markers() });
  const signature = evidence.find((one) => one.source === 'screen' && one.says === state)?.value ?? '';
  if (state === 'out-of-tokens') return { kind: 'exhausted', signature };
  return state === 'auth-needed' ? { kind: 'login', signature } : { kind: 'unseen' };
}
