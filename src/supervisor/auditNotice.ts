import type { Store } from './adapters/store/store.ts';
import type { Clock } from './base/clock.ts';
import type { Disposable } from './base/disposable.ts';
import { codeOf } from './base/errors.ts';

const notice = 'The audit cannot be written (is the disk full?), so agents may not write. You can go on; agents go on by themselves when there is space again.';
const lookAgainMs = 5_000;

/** The store, with a notice for the person from the first action that the audit could not take until the disk takes something again (OWN-8). */
export function noticeFullAudit(store: Store, notices: string[], clock: Clock): { store: Store; watch: Disposable } {
  const set = (isFull: boolean) => {
    const at = notices.indexOf(notice);
    if (isFull && at < 0) notices.push(notice);
    if (!isFull && at >= 0) notices.splice(at, 1);
  };
  const lookAgain = () => {
    if (!notices.includes(notice)) return;
    try {
      store.setSetting('lastLookForSpace', clock.isoNow());
      set(false);
    } catch {
      // Still full: that is what the notice says.
    }
  };
  const watched: Store = {
    ...store,
    beginAction(intent) {
      try {
        const id = store.beginAction(intent);
        set(false);
        return id;
      } catch (error) {
        if (codeOf(error) === 'audit-unavailable') set(true);
        throw error;
      }
    },
  };
  return { store: watched, watch: clock.every(lookAgainMs, lookAgain) };
}
