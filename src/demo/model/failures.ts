import type { ServerResponse } from 'node:http';
import { delay } from '../../supervisor/base/clock.ts';
import type { Failure } from './steps.ts';
import { limitHeaders, startStream } from './responseStream.ts';

/** Answers one request with a failure that the real service has, in its wording and headers. */
export async function fail(response: ServerResponse, failure: Failure): Promise<void> {
  switch (failure) {
    case '429usage': {
      const resetsAt = Math.floor(Date.now() / 1000) + 3600;
      const error = { type: 'usage_limit_reached', message: 'The usage limit has been reached', plan_type: 'plus', resets_at: resetsAt, resets_in_seconds: 3600 };
      refuse(response, 429, error, limitHeaders(100));
      return;
    }
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

/** Answers with an HTTP error whose body is `{ error }`. */
export function refuse(response: ServerResponse, status: number, error: Record<string, unknown>, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error }));
}
