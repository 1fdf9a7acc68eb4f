import { activePaneArgument, checkNumber, formatArgument } from '../adapters/tmux/argument.ts';
import { decodeUtf8, TmuxError, linesOf, type TmuxCommand } from '../adapters/tmux/command.ts';
import { fieldReader, numberField } from '../adapters/tmux/fields.ts';
import type { SessionId } from '../domain/ids.ts';

/** The control target of a session as it was read at one moment. */
export type ReadScreen = {
  /** Lines joined by newline, without escapes, control characters and trailing blanks. */
  text: string;
  title: string;
  command: string;
  cursor: { x: number; y: number };
  width: number;
  height: number;
};

const variables = ['session_id', 'pane_title', 'pane_current_command', 'cursor_x', 'cursor_y', 'pane_width', 'pane_height'] as const;

/** Reads the active pane of a session's active window (DISC-9) with `historyLines` of scrollback above it, in one step of the tmux server. */
export function readScreen(id: SessionId, historyLines = 0): TmuxCommand<ReadScreen> {
  const target = activePaneArgument(id);
  const fields = fieldReader(variables);
  const history = historyLines > 0 ? ` -S -${checkNumber('history lines', historyLines)}` : '';
  return {
    line: `display-message -p -t ${target} ${formatArgument(fields.format)} ; capture-pane -p${history} -t ${target}`,
    composite: true,
    parse(blocks) {
      const [head, ...rest] = blocks;
      const [values] = fields.parse(linesOf(head ? [head] : []).join('\n'));
      if (values?.session_id !== id) throw new TmuxError('no-session', `no such session: ${id}`);
      return {
        text: plainText(linesOf(rest)),
        title: values.pane_title,
        command: values.pane_current_command,
        cursor: { x: numberField(values.cursor_x), y: numberField(values.cursor_y) },
        width: numberField(values.pane_width),
        height: numberField(values.pane_height),
      };
    },
  };
}

function plainText(latin1Lines: string[]): string {
  // eslint-disable-next-line no-control-regex -- what a terminal would act on must not get into a text
  const lines = latin1Lines.map((line) => decodeUtf8(line).replace(/[\u0000-\u001f\u007f-\u009f]/g, '').trimEnd());
  while (lines.at(-1) === '') lines.pop();
  return lines.join('\n');
}
