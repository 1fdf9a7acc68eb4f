import type { PaneId } from '../../../domain/ids.ts';
import { checkNumber, formatArgument, targetArgument, textArgument, type Target } from '../argument.ts';
import { decodeUtf8, linesOf, plainCommand, type TmuxCommand } from '../command.ts';

/** The text of a pane's screen, without escapes; with `historyLines` of scrollback above it, and wrapped lines joined if asked. */
export function capturePane(paneId: PaneId, options: { historyLines?: number; joinWrapped?: boolean } = {}): TmuxCommand<string> {
  const { historyLines = 0, joinWrapped = false } = options;
  const history = historyLines > 0 ? ` -S -${checkNumber('history lines', historyLines)}` : '';
  return {
    line: `capture-pane -p${joinWrapped ? ' -J' : ''}${history} -t ${targetArgument(paneId)}`,
    composite: false,
    parse: (blocks) => decodeUtf8(linesOf(blocks).join('\n')),
  };
}

/** Output of a pane that was paused (`%pause`) goes on from now. */
export function continuePane(paneId: PaneId): TmuxCommand<void> {
  targetArgument(paneId);
  return plainCommand(`refresh-client -A ${textArgument(`${paneId}:continue`)}`);
}

/** The value of a format at a target. A target that is gone gives a text of empty variables, not an error. */
export function displayMessage(target: Target, format: string): TmuxCommand<string> {
  return {
    line: `display-message -p -t ${targetArgument(target)} ${formatArgument(format)}`,
    composite: false,
    parse: (blocks) => decodeUtf8(linesOf(blocks).join('\n')),
  };
}
