import { ConnectError } from '../adapters/shell/shell.ts';
import { delay } from '../base/clock.ts';
import { codeOf } from '../base/errors.ts';
import { withoutNoise } from '../domain/screenNoise.ts';
import type { PaneScreen } from '../hosts/screens.ts';
import type { SessionContext } from './sessionContext.ts';

/** How long the screen is watched for a reaction, in ms after the write; each entry is one look. */
const reactionLooksMs = [20, 40, 80, 160, 300, 600];

/** The screen now, or null where it cannot be read: a write is told by tmux's answer, and the screen is only looked at beside it. */
export async function screenNow({ deps, ref }: SessionContext): Promise<PaneScreen | null> {
  const link = deps.link(ref.alias);
  if (!link?.isOnline) return null;
  try {
    return await link.capture(ref.id, 0);
  } catch (error) {
    if (codeOf(error) === undefined && !(error instanceof ConnectError)) throw error;
    return null;
  }
}

/** Waits until the screen (or its cursor) is another one than `before`, spinners and timers aside; false if it stays for as long as is looked. */
export async function reacted(context: SessionContext, before: PaneScreen | null, looksMs: readonly number[] = reactionLooksMs): Promise<boolean> {
  if (before === null) return false;
  for (const lookMs of looksMs) {
    await delay(lookMs);
    const now = await screenNow(context);
    if (now !== null && (withoutNoise(now.text) !== withoutNoise(before.text) || now.cursor.x !== before.cursor.x || now.cursor.y !== before.cursor.y)) return true;
  }
  return false;
}
