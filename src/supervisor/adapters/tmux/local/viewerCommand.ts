import type { SessionId } from '../../../domain/ids.ts';
import { quote } from '../../shell/shell.ts';
import { socketArgs } from '../tmuxSocket.ts';
import { checkSessionId } from '../argument.ts';
import { viewerExit } from './scripts.ts';

/**
 * The remote command of a viewer (for `Shell.attachArgv`): attaches to a session and tells by its exit code when it is gone. `-u` because a login
 * by ssh need not carry a UTF-8 locale; another TERM where the host does not know tmux's.
 */
export function viewerCommand(tmuxSocket: string | null, id: SessionId): string {
  const tmux = `tmux -u ${quote(...socketArgs(tmuxSocket))}`;
  const target = quote(checkSessionId(id));
  return [
    'unset TMUX TMUX_PANE',
    'if command -v infocmp >/dev/null 2>&1 && ! infocmp >/dev/null 2>&1; then TERM=screen-256color; export TERM; fi',
    `command -v tmux >/dev/null 2>&1 || exit ${viewerExit.noTmux}`,
    `${tmux} has-session -t ${target} 2>/dev/null || exit ${viewerExit.sessionGone}`,
    `exec ${tmux} attach-session -t ${target}`,
  ].join('; ');
}
