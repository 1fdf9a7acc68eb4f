/** What cockpit put into a composer, and under which epoch: after another owner's turn nobody knows whose text stands there. `isSubmitted`: Enter followed. */
export type Staged = { epoch: number; text: string; isSubmitted: boolean };

/** What cockpit has put into the composer after a further text. */
export function stage(before: Staged | null, epoch: number, text: string): Staged {
  const goesOn = before !== null && before.epoch === epoch && !before.isSubmitted;
  return { epoch, text: (goesOn ? before.text : '') + text, isSubmitted: false };
}

/** Whether a composer shows nothing but what cockpit put there (OWN-9). Codex wraps a text, shows a long paste by its length, and of a tall one only a part. */
export function isOwnText(shown: string, staged: Staged | null, epoch: number): boolean {
  if (staged?.epoch !== epoch) return false;
  const bare = (text: string) => text.replace(/\s+/gu, '');
  const isTall = /\s[↑↓]$/mu.test(shown);
  const seen = bare(isTall ? shown.replace(/\s[↑↓]$/gmu, '') : shown);
  const own = bare(staged.text);
  if (isTall) return own.includes(seen);
  const pasted = /\[PastedContent(\d+)chars\]/u.exec(seen);
  return seen === own || (pasted !== null && pasted[0] === seen && Number(pasted[1]) === Array.from(staged.text).length);
}
