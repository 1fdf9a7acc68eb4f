import type { Store } from './adapters/store/store.ts';
import type { Clock } from './base/clock.ts';
import { DisposableStore, toDisposable, type Disposable } from './base/disposable.ts';

const notice = 'The audit cannot be written (is the disk full?), so agents may not write. You can go on; agents go on by themselves when there is space again.';
const lookAgainMs = 5_000;

/** A notice for the person from the first row that the audit could not take until the disk takes something again (OWN-8); what waits is written then. */
export function noticeFullAudit(store: Store, notices: string[], clock: Clock): Disposable {
  const resources = new DisposableStore();
  let look: Disposable | null = null;
  const set = (isFull: boolean) => {
    if (isFull === (look !== null)) return;
    look?.dispose();
    look = isFull ? clock.after(lookAgainMs, lookAgain) : null;
    if (isFull) notices.push(notice);
    else notices.splice(notices.indexOf(notice), 1);
  };
  const lookAgain = () => {
    look = clock.after(lookAgainMs, lookAgain);
    try {
      store.setSetting('lastLookForSpace', clock.isoNow());
      store.writeWaiting();
      set(false);
    } catch {
      // Still full: that is what the notice says.
    }
  };
  resources.add(store.onDidTryToWrite((isWritten) => { set(!isWritten); }));
  resources.add(toDisposable(() => { look?.dispose(); }));
  return resources;
}
