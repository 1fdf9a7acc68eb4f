import type { PaneId, SessionId } from '../../domain/ids.ts';
import type { Fence, RefusalReason } from '../../domain/ownership.ts';
import type { OwnershipMark } from '../../domain/remoteSession.ts';
import { activePaneArgument, branchArgument, checkNumber, checkSessionId, checkWord, formatArgument, targetArgument } from './argument.ts';
import { decodeUtf8, TmuxError, tmuxErrorCode, type Block, type TmuxCommand } from './command.ts';
import { fieldReader, type FieldReader } from './fields.ts';
import { markOf, markVariables } from './mark.ts';
import { writeCommands, type WritePayload } from './writePayload.ts';

export { adoptCommand, claimCommand, releaseCommand, takeOverCommand } from './claim.ts';
export type { MarkReply } from './mark.ts';
export type { WritePayload } from './writePayload.ts';

/** Where a write goes: a pane as the control target of a session (DISC-9). */
export type WriteTarget = { id: SessionId; paneId: PaneId };

/** What tmux did: took the whole payload, or nothing of it. `mark` is what it read in the same moment, null if the session is gone. */
export type GuardReply = { kind: 'accepted'; leftCopyMode: boolean } | { kind: 'refused'; reason: RefusalReason; mark: OwnershipMark | null };

/**
 * Writes into a pane only if the fence holds, checked and written as one command of the remote tmux server (OWN-5): `if-shell -F` puts
 * its branch right behind itself in the queue and nothing in it waits, so no claim of another client can come between.
 * Throws a `TmuxError` if tmux failed in the write itself.
 */
export function guardedWrite(target: WriteTarget, fence: Fence, payload: WritePayload): TmuxCommand<GuardReply> {
  const pane = targetArgument(`${target.id}:.${target.paneId}`);
  const write = writeCommands(pane, payload);
  const sessionFields = fieldReader(sessionVariables);
  const paneFields = fieldReader(paneVariables);
  const leaveModes = `if-shell -F -t ${pane} ${formatArgument('#{pane_in_mode}')} { copy-mode -q -t ${pane} ; display-message -p left-mode }`;
  const accepted = [leaveModes, ...write.guarded, 'display-message -p accepted'];
  const refused = [
    `display-message -p -t ${activePaneArgument(target.id)} ${formatArgument(sessionFields.format)}`,
    `display-message -p -t ${pane} ${formatArgument(paneFields.format)}`,
  ];
  const guard = `if-shell -F -t ${pane} ${fenceArgument(target, fence)} ${branchArgument(accepted)} ${branchArgument(refused)}`;
  return {
    line: [...write.before, guard, ...write.after].join(' ; '),
    composite: true,
    parse: (blocks) => parseReply(blocks, target, fence, sessionFields, paneFields),
  };
}

const sessionVariables = ['session_id', ...markVariables] as const;
const paneVariables = ['pane_id', 'pane_active', 'window_active', 'pane_dead', 'pane_synchronized', 'pane_input_off'] as const;
type SessionVariable = (typeof sessionVariables)[number];
type PaneVariable = (typeof paneVariables)[number];

/**
 * The condition, as a quoted argument. When the target is gone tmux falls back to the session of the asking client, so the ids are part of it.
 * `?7` stands for `%7`, which strftime would read.
 */
function fenceArgument({ id, paneId }: WriteTarget, fence: Fence): string {
  const variables = '#{session_id} #{@cockpit_owner} #{@cockpit_epoch} #{start_time} #{pid} #{pane_active}#{window_active}#{pane_dead}#{pane_synchronized}#{pane_input_off}';
  const kind = fence.owner.startsWith('human:') ? 'human' : 'agent';
  const owner = `${kind}:${checkWord('install', fence.owner.replace(/^(?:agent|human):/, ''))}`;
  const server = `${checkNumber('start time', fence.server.startTime)} ${checkNumber('pid', fence.server.pid)}`;
  const values = `${checkSessionId(id)} ${owner} ${checkNumber('epoch', fence.epoch)} ${server} 11000`;
  return `'#{&&:#{m:?${paneId.slice(1)},#{pane_id}},#{==:${variables},${values}}}'`;
}

function parseReply(blocks: Block[], target: WriteTarget, fence: Fence, sessionFields: FieldReader<SessionVariable>, paneFields: FieldReader<PaneVariable>): GuardReply {
  const says = (word: string) => blocks.some((block) => block.ok && block.lines.length === 1 && block.lines[0] === word);
  if (says('accepted')) return { kind: 'accepted', leftCopyMode: says('left-mode') };
  const text = blocks.filter((block) => block.ok).map((block) => block.lines.join('\n')).join('\n');
  const [session] = sessionFields.parse(text);
  const [pane] = paneFields.parse(text);
  const failed = blocks.find((block) => !block.ok);
  if (!session && failed) {
    const message = decodeUtf8(failed.lines.join(' '));
    if (tmuxErrorCode(message) !== 'no-session') throw new TmuxError('failed', message);
    // The pane lives on in another session: the condition cannot tell, but the write then finds no target.
    if (message.includes("can't find pane")) return { kind: 'refused', reason: 'pane-not-active', mark: null };
  }
  if (session?.session_id !== target.id) return { kind: 'refused', reason: 'session-gone', mark: null };
  const { mark, server } = markOf(session);
  return { kind: 'refused', reason: ownershipRefusal(mark, server, fence) ?? paneRefusal(pane, target), mark };
}

function ownershipRefusal(mark: OwnershipMark, server: Fence['server'], fence: Fence): RefusalReason | null {
  if (server.pid !== fence.server.pid || server.startTime !== fence.server.startTime) return 'server-restarted';
  if (mark.owner === '') return 'ownership-unread';
  // The operator's answer, and the session went to their agent meanwhile.
  if (mark.owner !== fence.owner && mark.owner === fence.owner.replace(/^human:/, 'agent:')) return 'stale-epoch';
  if (mark.owner !== fence.owner) return mark.owner === fence.owner.replace(/^agent:/, 'human:') ? 'human-owns' : 'foreign-owner';
  return mark.epoch === fence.epoch ? null : 'stale-epoch';
}

function paneRefusal(pane: Record<PaneVariable, string> | undefined, target: WriteTarget): RefusalReason {
  if (pane?.pane_id !== target.paneId) return 'pane-not-active';
  // A pane with its input off swallows what is written, as a dead one does.
  if (pane.pane_dead === '1' || pane.pane_input_off === '1') return 'pane-dead';
  return pane.pane_synchronized === '1' ? 'pane-synchronized' : 'pane-not-active';
}
