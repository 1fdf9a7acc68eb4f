import { versionNumber } from '../../domain/tmuxVersion.ts';

/** What a tmux version can do for cockpit. */
export type TmuxFeatures = {
  /** `refresh-client -B`, and with it push of everything (3.2). */
  subscriptions: boolean;
  /** `send-keys -H` and octal escapes in arguments (3.0). */
  hexKeys: boolean;
  /** `attach-session -f`, `pause-after`, arithmetic in formats: all that the guard needs (3.2). */
  controlFlags: boolean;
};

/** Features by the output of `tmux -V`, e.g. `tmux 3.3a`, `tmux next-3.5`. Master builds count as new; what cannot be read has nothing. */
export function features(version: string): TmuxFeatures {
  const number = versionNumber(version);
  return { subscriptions: number >= 3.02, hexKeys: number >= 3, controlFlags: number >= 3.02 };
}
