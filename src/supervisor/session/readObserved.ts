import { activePaneArgument, formatArgument } from '../adapters/tmux/argument.ts';
import { linesOf, TmuxError, type TmuxCommand } from '../adapters/tmux/command.ts';
import { fieldReader } from '../adapters/tmux/fields.ts';
import { markOf, markVariables, type MarkReply } from '../adapters/tmux/mark.ts';
import { isPaneId, type PaneId, type SessionId } from '../domain/ids.ts';

/** Who owns a session, which pane is its control target, and whether that pane's program asked for the other form of cursor keys. */
export type ObservedReply = MarkReply & { paneId: PaneId; cursorKeys: CursorKeys };

/** What a terminal sends for arrows, Home and End: `ESC [` or, for a program that asked for it, `ESC O`. */
export type CursorKeys = 'normal' | 'application';

const variables = ['session_id', 'pane_id', 'keypad_cursor_flag', ...markVariables] as const;

/** Reads what a write has to fit to, in one step of the tmux server. Throws a `TmuxError` (`no-session`) if the session is gone. */
export function readObserved(id: SessionId): TmuxCommand<ObservedReply> {
  const fields = fieldReader(variables);
  return {
    line: `display-message -p -t ${activePaneArgument(id)} ${formatArgument(fields.format)}`,
    composite: false,
    parse(blocks) {
      const [values] = fields.parse(linesOf(blocks).join('\n'));
      if (values?.session_id !== id || !isPaneId(values.pane_id)) throw new TmuxError('no-session', `no such session: ${id}`);
      return { ...markOf(values), paneId: values.pane_id, cursorKeys: values.keypad_cursor_flag === '1' ? 'application' : 'normal' };
    },
  };
}
