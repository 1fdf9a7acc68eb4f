import type { OwnershipMark, TmuxServer } from '../../domain/remoteSession.ts';
import { numberField } from './fields.ts';

/** Ownership of a session and the life of the server that said so. */
export type MarkReply = { mark: OwnershipMark; server: TmuxServer };

/** tmux variables that make up a `MarkReply`. */
export const markVariables = ['pid', 'start_time', '@cockpit_owner', '@cockpit_epoch', '@cockpit_supervisor', '@cockpit_typed'] as const;

/** Reads the values of `markVariables`. An epoch that is no number counts as 0, like none. */
export function markOf(values: Record<(typeof markVariables)[number], string>): MarkReply {
  const epoch = values['@cockpit_epoch'];
  const isTyped = epoch !== '' && values['@cockpit_typed'] === epoch;
  return {
    mark: { owner: values['@cockpit_owner'], epoch: /^\d{1,15}$/.test(epoch) ? Number(epoch) : 0, supervisor: values['@cockpit_supervisor'], ...(isTyped ? { typed: true } : {}) },
    server: { pid: numberField(values.pid), startTime: numberField(values.start_time) },
  };
}
