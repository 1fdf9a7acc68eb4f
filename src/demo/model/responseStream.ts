import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { delay } from '../../supervisor/base/clock.ts';

/** Writes the server-sent events of one response of the model. */
export type ResponseStream = {
  /** Streams text word by word and completes; stops early when Codex hung up. */
  say(text: string, wordDelayMs: number, inputTokens: number): Promise<void>;
  call(tool: string, args: Record<string, unknown>, namespace: string | undefined): void;
  failed(code: string, message: string): void;
};

/** The rate-limit headers of the service: a 5-hour window that is used to `primaryPercent`, and a weekly one at 42 %. */
export function limitHeaders(primaryPercent: number): Record<string, string> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  return {
    'x-codex-primary-used-percent': String(primaryPercent),
    'x-codex-primary-window-minutes': '300',
    'x-codex-primary-reset-at': String(nowSeconds + 3600),
    'x-codex-secondary-used-percent': '42',
    'x-codex-secondary-window-minutes': '10080',
    'x-codex-secondary-reset-at': String(nowSeconds + 3 * 86_400),
  };
}

/** Begins a streamed response. */
export function startStream(response: ServerResponse): ResponseStream {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...limitHeaders(12.5) });
  const id = `resp_${randomUUID()}`;
  let sequence = 0;
  const send = (type: string, fields: Record<string, unknown>) => {
    if (!response.destroyed) response.write(`event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...fields })}\n\n`);
  };
  const complete = (item: Record<string, unknown>, inputTokens: number) => {
    send('response.completed', { response: { id, object: 'response', status: 'completed', output: [item], usage: usageOf(inputTokens) } });
    response.end();
  };
  send('response.created', { response: { id, object: 'response', status: 'in_progress', output: [] } });
  return {
    async say(text, wordDelayMs, inputTokens) {
      const message = { type: 'message', id: `msg_${randomUUID()}`, role: 'assistant' };
      send('response.output_item.added', { output_index: 0, item: { ...message, status: 'in_progress', content: [] } });
      for (const delta of text.split(/(?<= )/)) {
        if (response.destroyed) return;
        send('response.output_text.delta', { item_id: message.id, output_index: 0, content_index: 0, delta });
        if (wordDelayMs > 0) await delay(wordDelayMs);
      }
      const item = { ...message, status: 'completed', content: [{ type: 'output_text', text, annotations: [] }] };
      send('response.output_item.done', { output_index: 0, item });
      complete(item, inputTokens);
    },
    call(tool, args, namespace) {
      const item = { type: 'function_call', id: `fc_${randomUUID()}`, call_id: `call_${randomUUID()}`, name: tool, ...(namespace === undefined ? {} : { namespace }) };
      const whole = { ...item, arguments: JSON.stringify(args), status: 'completed' };
      send('response.output_item.added', { output_index: 0, item: { ...item, arguments: '', status: 'in_progress' } });
      send('response.output_item.done', { output_index: 0, item: whole });
      complete(whole, 1200);
    },
    failed(code, message) {
      send('response.failed', { response: { id, status: 'failed', error: { code, message } } });
      response.end();
    },
  };
}

function usageOf(inputTokens: number): Record<string, unknown> {
  const outputTokens = 34;
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  };
}
