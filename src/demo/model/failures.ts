import type { ServerResponse } from 'node:http';
import { delay } from '../../supervisor/base/clock.ts';
import type { Failure } from './steps.ts';
import { limitHeaders, startStream } from './responseStream.ts';

/** Answers one request with a failure that the real service has, in its wording and headers. */
export async function fail(response: ServerResponse, failure: Failure): Promise<void> {
  switch (failure) {
    case '429usage':
      refuse(response, 429, usageError(), limitHeaders(100));
      return;
    case '429model':
      refuse(response, 429, usageError(), { ...limitHeaders(12.5), ...modelLimitHeaders() });
      return;
    case '429workspace':
      refuse(response, 429, usageError(), { ...limitHeaders(100), 'x-codex-rate-limit-reached-type': 'workspace_member_credits_depleted' });
      return;
    case '429quota':
      refuse(response, 429, { type: 'insufficient_quota', code: 'insufficient_quota', message: 'You exceeded your current quota, please check your plan and billing details.' });
      return;
    case '429notincluded':
      refuse(response, 429, { type: 'usage_not_included', message: 'Usage not included in plan' });
      return;
    case '429rate':
      refuse(response, 429, { type: 'rate_limit_exceeded', code: 'rate_limit_exceeded', message: 'Rate limit reached for this model. Please try again in 1s.' });
      return;
    case 'ctxfull':
      startStream(response).failed('context_length_exceeded', 'Your input exceeds the context window of this model. Please adjust your input and try again.');
      return;
    case 'quotafail':
      startStream(response).failed('insufficient_quota', 'You exceeded your current quota');
      return;
    case 'overload':
      startStream(response).failed('server_is_overloaded', 'overloaded');
      return;
    case 'dropstream':
      startStream(response);
      await delay(300);
      response.destroy();
      return;
  }
}

function usageError(): Record<string, unknown> {
  return { type: 'usage_limit_reached', message: 'The usage limit has been reached', plan_type: 'plus', resets_at: Math.floor(Date.now() / 1000) + 3600, resets_in_seconds: 3600 };
}

/** A limit of its own for one model, beside those of the account. */
function modelLimitHeaders(): Record<string, string> {
  return {
    'x-codex-active-limit': 'codex_other',
    'x-codex-other-limit-name': 'gpt-6-sol',
    'x-codex-other-primary-used-percent': '100',
    'x-codex-other-primary-window-minutes': '60',
    'x-codex-other-primary-reset-at': String(Math.floor(Date.now() / 1000) + 1800),
  };
}

/** Answers with an HTTP error whose body is `{ error }`. */
export function refuse(response: ServerResponse, status: number, error: Record<string, unknown>, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error }));
}
