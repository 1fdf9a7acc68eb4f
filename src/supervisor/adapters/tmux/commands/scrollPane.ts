import type { SessionId } from '../../../domain/ids.ts';
import { activePaneArgument, branchArgument, checkNumber } from '../argument.ts';
import { linesOf, type TmuxCommand } from '../command.ts';

/** A full-screen program has its own idea of what the wheel is for, and arrow keys in its place would be typing. */
const mayEnter = '#{?#{||:#{alternate_on},#{||:#{pane_in_mode},#{mouse_any_flag}}},,1}';

/** Scrolls a session's active pane by lines, as tmux itself does with `mouse on`: up enters copy mode, down leaves it at the end. No key is typed. */
export function scrollPane(id: SessionId, direction: 'up' | 'down', lines: number): TmuxCommand<void> {
  const pane = activePaneArgument(id);
  const enter = `if-shell -F -t ${pane} '${mayEnter}' ${branchArgument([`copy-mode -e -t ${pane}`])}`;
  const scroll = `if-shell -F -t ${pane} '#{m:copy-mode*,#{pane_mode}}' ${branchArgument([`send-keys -X -N ${checkNumber('lines', lines)} -t ${pane} scroll-${direction}`])}`;
  return {
    line: direction === 'up' ? `${enter} ; ${scroll}` : scroll,
    composite: true,
    parse: (blocks) => void linesOf(blocks),
  };
}
