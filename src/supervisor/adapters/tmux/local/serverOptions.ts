import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Words } from './tmuxText.ts';

/** A process that does nothing for the session that only keeps a server and its control client alive. */
export const idleArgv = ['tail', '-f', '/dev/null'];

/** TERM of the panes: tmux's own entry where the machine has it, else screen's. */
export function paneTerm(env: NodeJS.ProcessEnv = process.env): string {
  const folders = [env['TERMINFO'], ...(env['TERMINFO_DIRS']?.split(':') ?? []), join(env['HOME'] ?? homedir(), '.terminfo'), '/etc/terminfo', '/lib/terminfo', '/usr/share/terminfo', '/usr/lib/terminfo'];
  const known = folders.some((folder) => folder && (existsSync(join(folder, 't', 'tmux-256color')) || existsSync(join(folder, '74', 'tmux-256color'))));
  return known ? 'tmux-256color' : 'screen-256color';
}

/** The environment of cockpit's tmux servers: ours without what belongs to a surrounding tmux, a terminal or cockpit itself. */
export function serverEnv(env: NodeJS.ProcessEnv, more: Record<string, string> = {}): Record<string, string> {
  const kept = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined && !/^(TMUX$|TMUX_PANE$|COCKPIT_|VSCODE_|ELECTRON_)/.test(entry[0]));
  return { ...Object.fromEntries(kept), TERM: 'xterm-256color', ...more };
}

/**
 * Options of all three servers. There is no prefix key, so every key of the person reaches the remote tmux. The clipboard may be set from
 * inside (OSC 52) but not read: tmux answers a query with its newest buffer, so none is kept.
 */
export function commonSetup(term: string): Words[] {
  return [
    ['set-option', '-s', 'exit-empty', 'off'],
    ['set-option', '-s', 'default-terminal', term],
    ['set-option', '-s', 'set-clipboard', 'on'],
    ['set-option', '-s', 'focus-events', 'on'],
    // tmux waits this long for the rest of a sequence that begins with ESC; the layers add up.
    ['set-option', '-s', 'escape-time', '5'],
    ['set-option', '-s', 'terminal-features[90]', 'xterm*:RGB:clipboard:title:focus'],
    ['set-option', '-s', 'terminal-features[91]', 'tmux*:256:RGB:clipboard:title:focus:cstyle:strikethrough:overline:usstyle'],
    ['set-option', '-s', 'terminal-features[92]', 'screen*:256:RGB:clipboard:title:focus'],
    ['set-option', '-g', 'prefix', 'None'],
    ['set-option', '-g', 'prefix2', 'None'],
    ['set-option', '-g', 'mouse', 'on'],
    ['set-option', '-g', 'history-limit', '10000'],
    ['set-option', '-g', 'default-size', '200x60'],
    ['set-option', '-g', 'update-environment', ''],
    ['set-option', '-g', 'detach-on-destroy', 'on'],
    ['set-option', '-g', 'destroy-unattached', 'off'],
    ['set-option', '-g', 'set-titles', 'off'],
    ['set-option', '-g', 'visual-activity', 'off'],
    ['set-option', '-g', 'base-index', '1'],
    ['set-option', '-g', 'renumber-windows', 'on'],
    ['set-option', '-gw', 'mode-keys', 'emacs'],
    ['set-option', '-gw', 'remain-on-exit', 'on'],
    ['set-option', '-gqw', 'remain-on-exit-format', 'This program has ended; cockpit starts it again.'],
    ['set-option', '-gqw', 'allow-passthrough', 'off'],
    ['set-option', '-gw', 'automatic-rename', 'off'],
    ['set-option', '-gw', 'allow-rename', 'off'],
    ['set-hook', '-g', 'pane-set-clipboard', 'delete-buffer'],
    // A table without keys does not exist, and to unbind in it ends the whole list without a word.
    ...['prefix', 'root'].flatMap((table) => [
      ['bind-key', '-T', table, 'F12', 'refresh-client'],
      ['unbind-key', '-a', '-T', table],
    ]),
  ];
}

const programHasMouse = '#{||:#{pane_in_mode},#{mouse_any_flag}}';
/** Copies to the terminal's clipboard only. */
const copy = "if-shell -F '#{selection_present}' 'send-keys -X copy-pipe-and-cancel ; delete-buffer' 'send-keys -X cancel'";

/** The two inner servers: no status line; wheel and drag go to the program if it wants the mouse, else into tmux's scrollback. */
export function innerSetup(term: string): Words[] {
  return [
    ...commonSetup(term),
    ['set-option', '-g', 'status', 'off'],
    ['bind-key', '-T', 'root', 'MouseDown1Pane', 'select-pane -t = ; send-keys -M'],
    ['bind-key', '-T', 'root', 'MouseDrag1Pane', `if-shell -F '${programHasMouse}' 'send-keys -M' 'copy-mode -M'`],
    // A full-screen program without mouse has no scrollback here, and arrow keys in its place would be typing.
    ['bind-key', '-T', 'root', 'WheelUpPane', `if-shell -F '${programHasMouse}' 'send-keys -M' "if-shell -F '#{alternate_on}' '' 'copy-mode -e ; send-keys -X -N 3 scroll-up'"`],
    ['bind-key', '-T', 'root', 'DoubleClick1Pane', `if-shell -F '${programHasMouse}' '' 'copy-mode -M ; send-keys -X select-word'`],
    ...['copy-mode', 'copy-mode-vi'].flatMap((table) => ['MouseDragEnd1Pane', 'M-w', 'C-w', 'Enter'].map((key) => ['bind-key', '-T', table, key, copy])),
  ];
}
