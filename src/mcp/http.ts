import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CockpitError, codeOf, messageOf } from '../supervisor/base/errors.ts';
import type { Logger } from '../supervisor/base/logger.ts';
import type { SessionPort } from '../supervisor/protocol/sessionTools.ts';
import { bearerHash, mcpPath, readJson, refuseAddress, type Refusal } from './httpChecks.ts';
import { InFlight } from './inFlight.ts';
import { createSessionServer } from './sessionServer.ts';

/**
 * `port` 0 takes a free one. `resolveToken` gets the sha256 (hex, see `hashToken`) of the bearer token, compares it in constant time and returns the session that
 * it grants, or null if it is wrong, revoked or expired.
 */
export type McpHttpOptions = { port: number; resolveToken(tokenHash: string): SessionPort | null; logger: Logger; version: string };
export type McpHttpServer = {
  url: string;
  port: number;
  /** Answers the calls that wait, then ends. Resolves within about 2 s. */
  close(): Promise<void>;
};

/** Node's default of 5 s loses a call if the event loop stalls for longer: the idle socket is closed under the request. */
const keepAliveTimeoutMs = 120_000;
const closeTimeoutMs = 2_000;

type Serving = McpHttpOptions & { closing: AbortSignal; inFlight: InFlight; boundPort: () => number };
type Call = { port: SessionPort; tokenHash: string; message: unknown };

/** Serves the tools of every session on 127.0.0.1 as stateless streamable HTTP; the token says which session. Rejects CockpitError 'port-taken' or 'listen-failed'. */
export async function createMcpHttpServer(options: McpHttpOptions): Promise<McpHttpServer> {
  const closing = new AbortController();
  const inFlight = new InFlight();
  let port = options.port;
  const serving: Serving = { ...options, closing: closing.signal, inFlight, boundPort: () => port };
  const http = createServer({ keepAliveTimeout: keepAliveTimeoutMs }, (request, response) => {
    handle(request, response, serving).catch((error: unknown) => {
      fail(response, error, options.logger);
    });
  });
  port = await listen(http, options.port);
  http.on('error', (error) => {
    options.logger.error('mcp server error', { error: messageOf(error) });
  });
  let closed: Promise<void> | null = null;
  return {
    url: `http://127.0.0.1:${port}${mcpPath}`,
    port,
    close: () => {
      closed ??= closeServer(http, closing, inFlight);
      return closed;
    },
  };
}

async function handle(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const admitted = await admit(request, serving);
  // A client that left while its body was read will not tell again.
  if (response.destroyed) return;
  if (admitted.kind === 'call') await serve(request, response, admitted.call, serving);
  else refuse(response, admitted.refusal);
}

/** What the request asks of which session, or why it is not served. */
async function admit(request: IncomingMessage, serving: Serving): Promise<{ kind: 'call'; call: Call } | { kind: 'refused'; refusal: Refusal }> {
  const refused = (refusal: Refusal) => ({ kind: 'refused', refusal }) as const;
  if (serving.closing.aborted) return refused({ status: 503, message: 'Restarting, call again', headers: { connection: 'close', 'retry-after': '1' } });
  const address = refuseAddress(request, serving.boundPort());
  if (address) return refused(address);
  const tokenHash = bearerHash(request);
  const port = tokenHash === null ? null : serving.resolveToken(tokenHash);
  if (tokenHash === null || port === null) return refused({ status: 401, message: 'Unauthorized', headers: { 'www-authenticate': 'Bearer' } });
  if (request.method !== 'POST') return refused({ status: 405, message: 'Method not allowed', headers: { allow: 'POST' } });
  const body = await readJson(request);
  return body.kind === 'refused' ? body : { kind: 'call', call: { port, tokenHash, message: body.value } };
}

/** One server and one transport for one request; both end with the response, which aborts the tool if the client went away. */
async function serve(request: IncomingMessage, response: ServerResponse, call: Call, serving: Serving): Promise<void> {
  const { closing, inFlight, logger, version } = serving;
  inFlight.cancelIfAsked(call.tokenHash, call.message);
  const transport = new StreamableHTTPServerTransport();
  const server = createSessionServer(call.port, { version, logger, closing });
  const end = () => {
    server.close().catch((error: unknown) => {
      logger.warn('mcp server did not close', { error: messageOf(error) });
    });
  };
  const entry = inFlight.add(call.tokenHash, call.message, end);
  response.once('close', () => {
    entry.dispose();
    end();
  });
  await server.connect(transport);
  await transport.handleRequest(request, response, call.message);
}

function refuse(response: ServerResponse, refusal: Refusal): void {
  const body = JSON.stringify({ jsonrpc: '2.0', error: { code: refusal.status === 400 ? -32700 : -32000, message: refusal.message }, id: null });
  response.writeHead(refusal.status, { 'content-type': 'application/json', ...refusal.headers }).end(body);
}

function fail(response: ServerResponse, error: unknown, logger: Logger): void {
  if (codeOf(error) === 'ECONNRESET' || response.destroyed) {
    logger.debug('mcp client went away', { error: messageOf(error) });
    return;
  }
  logger.error('mcp request failed', { error: messageOf(error) });
  if (response.headersSent) response.destroy();
  else refuse(response, { status: 500, message: 'Internal error' });
}

function listen(http: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', (error) => {
      const code = codeOf(error) === 'EADDRINUSE' ? 'port-taken' : 'listen-failed';
      reject(new CockpitError(code, `cannot serve MCP on 127.0.0.1:${port}: ${messageOf(error)}`, { cause: error }));
    });
    http.listen(port, '127.0.0.1', () => {
      resolve((http.address() as AddressInfo).port);
    });
  });
}

async function closeServer(http: Server, closing: AbortController, inFlight: InFlight): Promise<void> {
  const ended = new Promise<void>((resolve) => http.close(() => { resolve(); }));
  closing.abort();
  const late = AbortSignal.timeout(closeTimeoutMs);
  await Promise.race([inFlight.whenEmpty(), once(late, 'abort')]);
  http.closeAllConnections();
  await ended;
}
