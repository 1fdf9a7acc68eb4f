import { findHost } from '../domain/fleet.ts';
import { sessionKey } from '../domain/ids.ts';
import { refusalReasons } from '../domain/ownership.ts';
import type { ToolInput, ToolOutput } from '../protocol/sessionTools.ts';
import { currentSession, type SessionContext } from './sessionContext.ts';

/** Longest name that is told, in characters. */
const maxName = 1_000;

/** MCP-2 `list_remote_sessions`: the managed sessions of this host, read only. */
export function listRemoteSessions(context: SessionContext): Promise<ToolOutput<'list_remote_sessions'>> {
  const host = findHost(context.deps.fleet(), context.ref.alias);
  const sessions = (host?.sessions ?? []).map(({ observed, state }) => ({ id: observed.id, name: observed.name.slice(0, maxName), state, own: observed.id === context.ref.id }));
  return Promise.resolve({ sessions });
}

/** MCP-2 `read_action_log`: the newest actions on this session, oldest first. Of reasons only cockpit's own are told: others may hold words of the remote. */
export function readActionLog(context: SessionContext, input: ToolInput<'read_action_log'>): Promise<ToolOutput<'read_action_log'>> {
  currentSession(context);
  const rows = context.deps.actions.listActions({ key: sessionKey(context.ref), limit: input.limit });
  return Promise.resolve({ actions: rows.map(({ id, at, tool, detail, outcome, reason }) => ({ id, at, tool, detail, outcome, reason: refusalReasons.find((known) => known === reason) ?? null })) });
}
