import { isSessionId, type SessionId } from '../domain/ids.ts';

/** Name of the one subscription per host. */
export const activitySubscription = 'cockpit-activity';

/**
 * What the subscription reports of every session: enough of its control target to see that it changed. Command and title may hold anything,
 * so their lengths come first. (`history_bytes` would walk the whole history at each look; `history_size` is a number that tmux keeps.)
 */
export const activityFormat =
  '#{S:#{W:,#{P:,#{session_id}=#{pane_id}.#{history_size}.#{cursor_x}.#{cursor_y}.#{window_activity}.#{pane_width}x#{pane_height} ' +
  '#{n:pane_current_command} #{n:pane_title}:#{pane_current_command}#{pane_title};}}}';

/** The value of each session by id; null if the text cannot be read, and then anything may have changed. */
export function parseActivity(value: string): Map<SessionId, string> | null {
  // tmux counts bytes.
  let rest = Buffer.from(value, 'utf8').toString('latin1');
  const found = new Map<SessionId, string>();
  while (rest !== '') {
    const match = /^(\$\d+)=\S+ (\d+) (\d+):/.exec(rest);
    const [head = '', id = '', command, title] = match ?? [];
    const end = head.length + Number(command) + Number(title);
    if (!isSessionId(id) || rest[end] !== ';') return null;
    found.set(id, rest.slice(0, end));
    rest = rest.slice(end + 1);
  }
  return found;
}
