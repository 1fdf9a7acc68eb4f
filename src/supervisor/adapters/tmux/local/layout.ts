import { isPaneId, isSessionId, isWindowId, type PaneId, type SessionId, type WindowId } from '../../../domain/ids.ts';
import type { Launch } from './launch.ts';

/** A pane as it should be; `role` is unique in its window and of `[A-Za-z0-9_-]`. */
export type PanePlan = { role: string; launch: Launch };
/** A window as it should be: `key` (of `safeName`) is its identity, the label is what a person reads. Panes are stacked from top to bottom. */
export type WindowPlan = { key: string; label: string; /** user options without `@`, plain text */ options?: Record<string, string>; panes: PanePlan[] };
/** A session as it should be; the name (of `safeName`) is its identity, and there is at least one window. A `kept` one stays as it is where it is there, and is not made. */
export type SessionPlan = { name: string; kept?: boolean; options?: Record<string, string>; windows: WindowPlan[] };

export type SeenPane = { id: PaneId; role: string; active: boolean; dead: boolean; pid: string; tty: string; launch: string; launchedPid: string };
export type SeenWindow = { id: WindowId; key: string; labelHash: string; active: boolean; panes: SeenPane[] };
export type SeenSession = { id: SessionId; name: string; /** made by cockpit as a part of the layout */ owned: boolean; windows: SeenWindow[] };

/** Every pane of a server; `parseSeen` reads it. Session names come last because they alone may hold the separator. */
export const seenFormat = [
  'session_id', '@cockpit_owned', 'window_id', 'window_active', '@cockpit_window', '@cockpit_label',
  'pane_id', 'pane_active', 'pane_dead', 'pane_pid', 'pane_tty', '@cockpit_role', '@cockpit_launch', '@cockpit_pid', 'session_name',
].map((name) => `#{${name}}`).join('|');

/** Sessions, windows and panes from the lines of `list-panes -a -F seenFormat`. Lines of another shape are left out. */
export function parseSeen(lines: readonly string[]): SeenSession[] {
  const sessions = new Map<string, SeenSession>();
  const windows = new Map<string, SeenWindow>();
  for (const line of lines) {
    const [sid = '', owned, wid = '', windowActive, key = '', labelHash = '', pid = '', active, dead, process = '', tty = '', role = '', launch = '', launchedPid = '', ...name] = line.split('|');
    if (!isSessionId(sid) || !isWindowId(wid) || !isPaneId(pid)) continue;
    const session = sessions.get(sid) ?? { id: sid, name: name.join('|'), owned: owned === '1', windows: [] };
    sessions.set(sid, session);
    // A window of a session group is listed once for each of its sessions.
    const place = `${sid}${wid}`;
    const window = windows.get(place) ?? { id: wid, key, labelHash, active: windowActive === '1', panes: [] };
    if (!windows.has(place)) session.windows.push(window);
    windows.set(place, window);
    window.panes.push({ id: pid, role, active: active === '1', dead: dead === '1', pid: process, tty, launch, launchedPid });
  }
  return [...sessions.values()];
}
