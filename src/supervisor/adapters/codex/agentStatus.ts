import { assertNever } from '../../base/assertNever.ts';
import type { AgentState, AgentStatus } from '../../domain/agent.ts';
import type { AppServerEvent, ThreadStatus } from './appServerEvents.ts';

/** The status after an event of the agent's own thread (AGENT-4); the same object if nothing changed. */
export function reduceStatus(status: AgentStatus, event: AppServerEvent): AgentStatus {
  switch (event.method) {
    case 'thread/status/changed':
      return changed(status, { state: stateOf(event.params.status) });
    case 'turn/started':
      return changed(status, { state: 'working', error: null });
    case 'turn/completed':
      return event.params.turn.status === 'failed' ? changed(status, { state: 'error', error: event.params.turn.error?.message ?? 'the turn failed' }) : changed(status, { error: null });
    case 'error':
      return changed(status, { error: event.params.error.message });
    case 'thread/tokenUsage/updated':
      return changed(status, { tokens: event.params.tokenUsage.total.totalTokens });
    case 'thread/settings/updated':
      return changed(status, { model: event.params.threadSettings.model });
    case 'thread/closed':
    case 'thread/started':
    case 'account/rateLimits/updated':
      return status;
    default:
      return assertNever(event);
  }
}

/** Codex's word for a thread in ours. */
export function stateOf(status: ThreadStatus): AgentState {
  switch (status.type) {
    case 'active':
      return status.activeFlags.some((flag) => flag.startsWith('waitingOn')) ? 'needs-input' : 'working';
    case 'systemError':
      return 'error';
    case 'idle':
    case 'notLoaded':
      return 'idle';
    default:
      return assertNever(status);
  }
}

/** `status` with `fields`; the same object if they say nothing new. */
export function changed(status: AgentStatus, fields: Partial<AgentStatus>): AgentStatus {
  const next = { ...status, ...fields };
  const same = (Object.keys(next) as (keyof AgentStatus)[]).every((key) => next[key] === status[key]);
  return same ? status : next;
}
