import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { assertNever } from '../supervisor/base/assertNever.ts';
import { delay } from '../supervisor/base/clock.ts';
import { messageOf } from '../supervisor/base/errors.ts';
import { fail, refuse } from './model/failures.ts';
import { isTitleRequest, parseModelRequest, type ModelRequest } from './model/modelRequest.ts';
import { startStream } from './model/responseStream.ts';
import { stepFor, type Step } from './model/steps.ts';

export type { ModelRequest } from './model/modelRequest.ts';
export type { Step } from './model/steps.ts';

/** A running scripted model. */
export type ScriptedModel = {
  /** The `base_url` for Codex (`http://127.0.0.1:PORT/v1`). */
  url: string;
  port: number;
  /** Every question so far but those for titles, at most the last 1000. */
  requests: ModelRequest[];
  close(): Promise<void>;
};

/** Decides a step from the whole conversation; null leaves it to the prompt's own words. */
export type Script = (request: ModelRequest) => Step | null | Promise<Step | null>;

const keptRequests = 1000;

/** Starts a model on loopback that answers the real Codex by script (`port` 0 or none: any free one). */
export async function startScriptedModel(options: { port?: number; script?: Script } = {}): Promise<ScriptedModel> {
  const { port = 0, script = () => null } = options;
  const requests: ModelRequest[] = [];
  const server = createServer((request, response) => {
    void answer(request, response, script, requests).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else refuse(response, 400, { message: `scripted model: ${messageOf(error)}` });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the scripted model has no port');
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    port: address.port,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, script: Script, requests: ModelRequest[]): Promise<void> {
  const path = request.url?.split('?')[0] ?? '';
  if (request.method === 'GET' && path.endsWith('/models')) {
    response.setHeader('content-type', 'application/json').end('{"object":"list","data":[],"models":[]}');
    return;
  }
  if (request.method !== 'POST' || !path.endsWith('/responses')) {
    refuse(response, 404, { message: `scripted model: nothing at ${path}` });
    return;
  }
  const asked = parseModelRequest(request.headers, await readAll(request));
  if (isTitleRequest(asked)) {
    await play(response, { kind: 'say', text: 'Watch the remote session', wordDelayMs: 0 });
    return;
  }
  requests.push(asked);
  if (requests.length > keptRequests) requests.shift();
  await play(response, (await script(asked)) ?? stepFor(asked));
}

async function play(response: ServerResponse, step: Step): Promise<void> {
  switch (step.kind) {
    case 'say':
      await startStream(response).say(step.text, step.wordDelayMs ?? 5, step.inputTokens ?? 1200);
      return;
    case 'think': {
      const stream = startStream(response);
      await delay(step.seconds * 1000);
      await stream.say(step.text, 0, 1200);
      return;
    }
    case 'call':
      startStream(response).call(step.tool, step.args, step.namespace);
      return;
    case 'fail':
      await fail(response, step.failure);
      return;
    case 'http':
      refuse(response, step.status, { message: `scripted model: http error ${step.status}` });
      return;
    default:
      assertNever(step);
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
