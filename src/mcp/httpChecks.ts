import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Why a request is not served: status, and a message without detail. */
export type Refusal = { status: number; message: string; headers?: Record<string, string> };

const maxBodyBytes = 1024 * 1024;

/** The only path that is served. */
export const mcpPath = '/mcp';

/** What a token is known by: sha256 in hex. Only this reaches a resolver, so a lookup tells nothing about the token. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Refuses what a web page or another host's name could send (DNS rebinding), then wrong paths. The method is judged after the token. */
export function refuseAddress(request: IncomingMessage, port: number): Refusal | null {
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { host, origin } = request.headers;
  if (host === undefined || !hosts.includes(host.toLowerCase())) return { status: 403, message: 'Forbidden' };
  if (origin !== undefined && !isLoopbackOrigin(origin)) return { status: 403, message: 'Forbidden' };
  if (request.url?.split('?', 1)[0] !== mcpPath) return { status: 404, message: 'Not found' };
  return null;
}

/** The hash of the request's bearer token, or null without one. */
export function bearerHash(request: IncomingMessage): string | null {
  const match = /^Bearer ([\w.~+/=-]{1,512})$/i.exec(request.headers.authorization ?? '');
  return match?.[1] === undefined ? null : hashToken(match[1]);
}

/** Reads the body as JSON; a Refusal if it is too large, no JSON, or a batch (which the protocol no longer has). Rejects if the client goes meanwhile. */
export async function readJson(request: IncomingMessage): Promise<{ kind: 'json'; value: unknown } | { kind: 'refused'; refusal: Refusal }> {
  const tooLarge = { kind: 'refused', refusal: { status: 413, message: 'Body larger than 1 MB' } } as const;
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return tooLarge;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) {
      // The rest is read and dropped: a socket that is closed with unread data would lose the answer.
      request.resume();
      return tooLarge;
    }
    chunks.push(chunk);
  }
  const value = parsedJson(Buffer.concat(chunks).toString('utf8'));
  if (value === undefined) return { kind: 'refused', refusal: { status: 400, message: 'Body is not JSON' } };
  if (Array.isArray(value)) return { kind: 'refused', refusal: { status: 400, message: 'Batches are not supported' } };
  return { kind: 'json', value };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isLoopbackOrigin(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  return ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(origin).hostname);
}
