/** `3.3a` of `tmux 3.3a`. */
export function versionText(output: string): string {
  return output.trim().replace(/^tmux\s+/, '');
}

/** Major plus hundredths of minor, so that 3.10 is more than 3.9; master is more than all; 0 if unreadable. */
export function versionNumber(version: string): number {
  const text = versionText(version);
  if (text === 'master') return Infinity;
  // OpenBSD's base tmux carries the version of the system; 7.0 is younger than tmux 3.2.
  const openbsd = /^openbsd-(\d+)\.(\d+)/.exec(text);
  if (openbsd) return Number(openbsd[1]) >= 7 ? 3.02 : 0;
  const match = /^(?:next-)?(\d+)\.(\d+)/.exec(text);
  return match ? Number(match[1]) + Number(match[2]) / 100 : 0;
}

/** Whether a tmux is known to lack what ownership and the guard need (3.2). One whose version is not known yet, null, may have it. */
export function isTooOldToGuard(version: string | null): boolean {
  return version !== null && versionNumber(version) < 3.02;
}
