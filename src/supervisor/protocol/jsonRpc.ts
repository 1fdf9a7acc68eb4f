import { z } from 'zod';
import { CockpitError, HumanError, codeOf, messageOf } from '../base/errors.ts';

/** Longest message on the wire, in bytes without its newline. */
export const maxMessageBytes = 16 * 1024 * 1024;

/** Numbers of JSON-RPC 2.0 (and `cancelled` of LSP); the string code of a CockpitError travels in `data`. */
export const rpcCodes = { parseError: -32700, invalidRequest: -32600, methodNotFound: -32601, invalidParams: -32602, internal: -32603, cockpit: -32000, cancelled: -32800 } as const;

const version = z.literal('2.0');
const id = z.union([z.number().int(), z.string()]);
const rpcError = z.object({
  code: z.number().int(),
  message: z.string(),
  data: z.object({ code: z.string(), exitCode: z.union([z.literal(1), z.literal(2), z.literal(3)]).optional() }).optional(),
});
const call = z.object({ jsonrpc: version, id: id.optional(), method: z.string(), params: z.unknown().optional() });
const failure = z.object({ jsonrpc: version, id: id.nullable(), error: rpcError });
const success = z.object({ jsonrpc: version, id, result: z.unknown() });

export type RpcId = z.infer<typeof id>;
export type RpcError = z.infer<typeof rpcError>;

/** One message of JSON-RPC 2.0; batches do not exist here. */
export type RpcMessage =
  | { kind: 'request'; id: RpcId; method: string; params: unknown }
  | { kind: 'notification'; method: string; params: unknown }
  | { kind: 'success'; id: RpcId; result: unknown }
  | { kind: 'failure'; id: RpcId | null; error: RpcError };

/** The message as one line with its newline. Throws CockpitError 'message-too-large'. */
export function encodeMessage(message: RpcMessage): Buffer {
  // A result that is undefined would vanish from the JSON, and with it what makes the message a success.
  const whole = message.kind === 'success' ? { ...message, result: message.result ?? null } : message;
  const line = Buffer.from(`${JSON.stringify({ jsonrpc: '2.0', ...whole, kind: undefined })}\n`);
  if (line.length - 1 > maxMessageBytes) throw new CockpitError('message-too-large', `a ${message.kind} of ${line.length} bytes is over the limit of ${maxMessageBytes}`);
  return line;
}

/** What a line holds. Throws CockpitError 'parse-error' (no JSON) or 'invalid-request' (no JSON-RPC message). */
export function decodeMessage(line: string): RpcMessage {
  const value = parseJson(line);
  const fields = typeof value === 'object' && value !== null ? value : {};
  if ('method' in fields) {
    const { id: callId, method, params } = checked(call, value);
    return callId === undefined ? { kind: 'notification', method, params } : { kind: 'request', id: callId, method, params };
  }
  if ('error' in fields) {
    const { id: failedId, error } = checked(failure, value);
    return { kind: 'failure', id: failedId, error };
  }
  if (!('result' in fields)) throw new CockpitError('invalid-request', 'a message without method, result and error');
  const { id: doneId, result } = checked(success, value);
  return { kind: 'success', id: doneId, result };
}

/** Anything thrown, as it goes over the wire. */
export function toRpcError(error: unknown): RpcError {
  const message = messageOf(error);
  if (error instanceof HumanError) return { code: rpcCodes.cockpit, message, data: { code: error.code, exitCode: error.exitCode } };
  if (!(error instanceof CockpitError)) return { code: rpcCodes.internal, message, data: { code: codeOf(error) ?? 'internal' } };
  return { code: numberOf(error.code), message, data: { code: error.code } };
}

/** The error of the other side as one of ours: HumanError where it was one, so that its exit code survives. */
export function fromRpcError({ code, message, data }: RpcError): CockpitError {
  const name = data?.code ?? `rpc${code}`;
  return data?.exitCode === undefined ? new CockpitError(name, message) : new HumanError(name, message, { exitCode: data.exitCode });
}

/** Cuts a byte stream into lines. `push` throws CockpitError 'message-too-large' when a line grows past the limit. */
export class LineDecoder {
  #chunks: Buffer[] = [];
  #bytes = 0;

  push(chunk: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#keep(chunk.subarray(start, end));
      lines.push(Buffer.concat(this.#chunks).toString('utf8'));
      this.#chunks = [];
      this.#bytes = 0;
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
    return lines;
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > maxMessageBytes) throw new CockpitError('message-too-large', `a message is over the limit of ${maxMessageBytes} bytes`);
    if (part.length > 0) this.#chunks.push(part);
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new CockpitError('parse-error', 'a line that is not JSON', { cause: error });
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CockpitError('invalid-request', `not a JSON-RPC message: ${z.prettifyError(parsed.error)}`);
}

function numberOf(code: string): number {
  switch (code) {
    case 'parse-error':
      return rpcCodes.parseError;
    case 'invalid-request':
      return rpcCodes.invalidRequest;
    case 'method-not-found':
      return rpcCodes.methodNotFound;
    case 'invalid-params':
      return rpcCodes.invalidParams;
    case 'cancelled':
      return rpcCodes.cancelled;
    default:
      return rpcCodes.cockpit;
  }
}
