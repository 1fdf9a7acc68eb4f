import type { ActionIntent, ActionStore } from './adapters/store/actions.ts';
import { TmuxError } from './adapters/tmux/command.ts';
import { codeOf, HumanError, messageOf } from './base/errors.ts';

/** The part of the audit that never holds up who acts. */
export type Notes = Pick<ActionStore, 'noteAction' | 'endNote'>;

/**
 * Does something at a remote that is not a write of an agent, with one audit row that is written while the remote answers (OWN-7, OWN-8): `accepted`,
 * `refused` when tmux said no or `refusal` finds a reason in its answer, `unknown` when it did not answer.
 */
export async function noted<T>(notes: Notes, intent: ActionIntent, act: () => Promise<T>, refusal: (result: T) => string | null = () => null): Promise<T> {
  const id = notes.noteAction(intent);
  try {
    const result = await act();
    const reason = refusal(result);
    notes.endNote(id, reason === null ? 'accepted' : 'refused', reason);
    return result;
  } catch (error) {
    const saidNo = error instanceof TmuxError || error instanceof HumanError || codeOf(error) === 'tmux-refused';
    notes.endNote(id, saidNo ? 'refused' : 'unknown', messageOf(error));
    throw error;
  }
}
