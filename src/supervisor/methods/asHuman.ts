import { sessionKey, type SessionRef } from '../domain/ids.ts';
import { noted } from '../noted.ts';
import type { MethodContext } from './context.ts';

/** Runs what the operator does to a session by command, with its audit row. */
export function asHuman<T>(context: MethodContext, ref: SessionRef, tool: string, detail: string, act: () => Promise<T>): Promise<T> {
  return noted(context.store, { key: sessionKey(ref), host: ref.alias, session: ref.id, actor: 'human', tool, kind: 'command', detail, epoch: null }, act);
}
