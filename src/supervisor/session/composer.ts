import type { ActionStore } from '../adapters/store/actions.ts';
import { activePaneArgument, checkNumber } from '../adapters/tmux/argument.ts';
import { decodeUtf8, linesOf, type TmuxCommand } from '../adapters/tmux/command.ts';
import { findComposer, screenLines } from '../domain/codexScreen.ts';
import { sessionKey, type SessionId } from '../domain/ids.ts';
import { readPrompt } from '../domain/promptReading.ts';
import { isOwnText, stage, type Staged } from '../domain/stagedText.ts';
import type { Sight } from './look.ts';
import { openLink, type SessionContext } from './sessionContext.ts';
import type { WriteStep } from './writeSteps.ts';

/** What cockpit put into composers, by supervisor (which has one audit) and session: every reader's writes count. */
const stagedTexts = new WeakMap<ActionStore, Map<string, Staged>>();

/** Remembers what an accepted write left in the composer. */
export function noteStaged({ deps, ref, observed }: SessionContext, steps: readonly WriteStep[]): void {
  if (observed === null) return;
  const all = stagedTexts.get(deps.actions) ?? new Map<string, Staged>();
  stagedTexts.set(deps.actions, all);
  const key = sessionKey(ref);
  for (const step of steps) {
    const before = all.get(key) ?? null;
    if (step.kind === 'text') all.set(key, stage(before, observed.epoch, step.text));
    else if (step.kind === 'key' && step.key === 'Enter' && before) all.set(key, { ...before, isSubmitted: true });
  }
}

/** Whether Codex's composer holds text that cockpit did not put there (OWN-9): a write would add to it, submit it or throw it away. */
export async function holdsForeignText(context: SessionContext, { screen, observed }: Sight): Promise<boolean> {
  const markers = context.deps.markers();
  const prompt = readPrompt(screen, markers);
  if (prompt.kind !== 'codex-composer' || prompt.promptText === null || prompt.promptText === '') return false;
  const staged = stagedTexts.get(context.deps.actions)?.get(sessionKey(context.ref)) ?? null;
  if (isOwnText(prompt.promptText, staged, observed.mark.epoch)) return false;
  const row = findComposer(screenLines(screen.text), screen.cursor, markers)?.first;
  const isAtStart = row === screen.cursor.y && screen.cursor.x <= 2;
  return !isAtStart || !(await openLink(context).request(isDim(context.ref.id, row)));
}

/** Whether the text behind the first sign of a line is dim: so Codex draws the words of an empty composer, whatever they are. */
function isDim(id: SessionId, row: number): TmuxCommand<boolean> {
  const at = checkNumber('row', row);
  return {
    line: `capture-pane -p -e -t ${activePaneArgument(id)} -S ${at} -E ${at}`,
    composite: false,
    // eslint-disable-next-line no-control-regex -- ESC [ 2 m is dim
    parse: (blocks) => /›(?:\u001b\[[\d;]*m|\s)*\u001b\[(?:\d+;)*2m/u.test(decodeUtf8(linesOf(blocks).join(''))),
  };
}
