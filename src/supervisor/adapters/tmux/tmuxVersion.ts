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

/** `3.3a` of `tmux 3.3a`. */
export function versionText(output: string): string {
  return output.trim().replace(/^tmux\s+/, '');
}

/** Major plus hundredths of minor, so that 3.10 is more than 3.9; 0 if unreadable. */
function versionNumber(version: string): number {
  const text = versionText(version);
  if (text === 'master') return Infinity;
  // OpenBSD's base tmux carries the version of the system; 7.0 is younger than tmux 3.2.
  const openbsd = /^openbsd-(\d+)\.(\d+)/.exec(text);
  if (openbsd) return Number(openbsd[1]) >= 7 ? 3.02 : 0;
  const match = /^(?:next-)?(\d+)\.(\d+)/.exec(text);
  return match ? Number(match[1]) + Number(match[2]) / 100 : 0;
}
