import type { ControlChannel } from '../../../src/supervisor/adapters/tmux/controlChannel.ts';
import { decodeUtf8 } from '../../../src/supervisor/adapters/tmux/command.ts';
import type { Fence, RefusalReason } from '../../../src/supervisor/domain/ownership.ts';
import type { PaneId, SessionId } from '../../../src/supervisor/domain/ids.ts';

/** What a guarded write has to answer, as SPEC OWN-2 to OWN-5 say it. */
export type Expected = RefusalReason | 'accepted' | 'accepted out of a mode';

const variables = ['session_id', 'pane_id', '@cockpit_owner', '@cockpit_epoch', 'pid', 'start_time', 'pane_dead', 'pane_input_off', 'pane_synchronized', 'pane_active', 'window_active', 'pane_in_mode'];

/** Asks tmux for everything that counts and decides by it, while nothing else happens to the session. */
export async function expectedReply(channel: ControlChannel, id: SessionId, paneId: PaneId, fence: Fence): Promise<Expected> {
  const line = `display-message -p -t '${id}:.${paneId}' '${variables.map((name) => `#{${name}}`).join('|')}' ; display-message -p -t '${id}:' '#{session_id}|#{@cockpit_owner}|#{@cockpit_epoch}'`;
  const rows = await channel.request({ line, composite: true, parse: (blocks) => blocks.map((block) => decodeUtf8(block.lines.join('')).split('|')) });
  const [session, owner = '', epoch = ''] = rows.at(-1) ?? [];
  const [, pane, , , pid, start, dead, off, sync, active, windowActive, mode] = rows[0] ?? [];
  if (session !== id) return 'session-gone';
  if (Number(pid) !== fence.server.pid || Number(start) !== fence.server.startTime) return 'server-restarted';
  if (owner === '') return 'ownership-unread';
  if (owner !== fence.owner) return owner.slice(owner.indexOf(':')) === fence.owner.slice(fence.owner.indexOf(':')) ? 'human-owns' : 'foreign-owner';
  if (Number(epoch) !== fence.epoch) return 'stale-epoch';
  if (pane !== paneId) return 'pane-not-active';
  if (dead === '1' || off === '1') return 'pane-dead';
  if (sync === '1') return 'pane-synchronized';
  if (active !== '1' || windowActive !== '1') return 'pane-not-active';
  return Number(mode) > 0 ? 'accepted out of a mode' : 'accepted';
}
