import { TmuxError } from '../adapters/tmux/command.ts';
import { codeOf, HumanError, messageOf } from '../base/errors.ts';
import { sessionKey, type SessionRef } from '../domain/ids.ts';
import type { MethodContext } from './context.ts';

/**
 * Runs what the operator does to a session by command, with one audit row (OWN-7): `accepted`, `refused` when tmux said no, `unknown` when it did not answer.
 * A full disk never stops a person (OWN-8): then there is no row, and the log says so.
 */
export async function asHuman<T>(context: MethodContext, ref: SessionRef, tool: string, detail: string, act: () => Promise<T>): Promise<T> {
  const action = begin(context, ref, tool, detail);
  const end = (outcome: 'accepted' | 'refused' | 'unknown', reason: string | null) => {
    if (action !== null) context.store.endAction(action, outcome, reason);
  };
  try {
    const result = await act();
    end('accepted', null);
    return result;
  } catch (error) {
    end(error instanceof TmuxError || error instanceof HumanError ? 'refused' : 'unknown', messageOf(error));
    throw error;
  }
}

function begin(context: MethodContext, ref: SessionRef, tool: string, detail: string): string | null {
  try {
    return context.store.beginAction({ key: sessionKey(ref), host: ref.alias, session: ref.id, actor: 'human', tool, kind: 'command', detail, epoch: null, meta: {} });
  } catch (error) {
    if (codeOf(error) !== 'audit-unavailable') throw error;
    context.logger.error('a command of the operator has no audit row', { tool, session: `${ref.alias}/${ref.id}`, error: messageOf(error) });
    return null;
  }
}
