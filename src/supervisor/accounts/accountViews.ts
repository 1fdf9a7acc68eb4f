import type { AppServerEvent } from '../adapters/codex/appServerEvents.ts';
import { accountStateOf, recordOf, type AccountBook, type AccountNow, type LimitWindow } from '../domain/account.ts';
import type { Config } from '../domain/config.ts';
import { limitLabel } from '../domain/limitLabel.ts';
import type { AccountView } from '../protocol/statusView.ts';

type RateLimits = Extract<AppServerEvent, { method: 'account/rateLimits/updated' }>['params']['rateLimits'];

/** The usage windows that Codex tells, shortest first; one of unknown length says nothing. */
export function limitsOf({ primary, secondary }: RateLimits): LimitWindow[] {
  const windows = [primary, secondary].flatMap((window): LimitWindow[] => {
    if (!window?.windowDurationMins) return [];
    const { windowDurationMins, usedPercent, resetsAt } = window;
    return [{ minutes: windowDurationMins, usedPercent, resetsAt: resetsAt ? new Date(resetsAt * 1000).toISOString() : null }];
  });
  return windows.sort((a, b) => a.minutes - b.minutes);
}

/** The accounts as clients see them, in the order in which they are used. */
export function viewsOf(book: AccountBook, configured: Config['accounts'], now: AccountNow): AccountView[] {
  return book.order.flatMap((key): AccountView[] => {
    const account = configured.find((one) => one.key === key);
    if (!account) return [];
    const { exhaustedUntil, limits } = recordOf(book, key);
    const state = accountStateOf(book, key, now);
    return [{
      key,
      email: account.email,
      state,
      exhaustedUntil: state === 'exhausted' ? exhaustedUntil : null,
      limits: limits.map((limit) => ({ label: limitLabel(limit.minutes), ...limit })),
      installedAt: Object.entries(book.lent).flatMap(([alias, lent]) => (lent.account === key ? [alias] : [])),
    }];
  });
}
