import { isSessionId, type SessionId } from '../domain/ids.ts';

/** Name of the one subscription per host. */
export const activitySubscription = 'cockpit-activity';

/**
 * What the subscription reports of every session: enough of its control target to see that it changed. A title may hold anything, so its
 * length comes first. Only what tmux has at hand: `history_bytes` would walk the whole history at each look, and for each
 * `pane_current_command` tmux reads /proc, which was most of what an idle host cost; the reconcile sees a change of command that writes nothing.
 */
export const activityFormat =
  '#{S:#{W:,#{P:,#{session_id}=#{pane_id}.#{history_size}.#{cursor_x}.#{cursor_y}.#{window_activity}.#{pane_width}x#{pane_height} ' +
  '#{n:pane_title}:#{pane_title};}}}';

/** The value of each session by id; null if the text cannot be read, and then anything may have changed. */
export function parseActivity(value: string): Map<SessionId, string> | null {
  // tmux counts bytes.
  let rest = Buffer.from(value, 'utf8').toString('latin1');
  const found = new Map<SessionId, string>();
  while (rest !== '') {
    const match = /^(\$\d+)=\S+ (\d+):/.exec(rest);
    const [head = '', id = '', title] = match ?? [];
    const end = head.length + Number(title);
    if (!isSessionId(id) || rest[end] !== ';') return null;
    found.set(id, rest.slice(0, end));
    rest = rest.slice(end + 1);
  }
  return found;
}
