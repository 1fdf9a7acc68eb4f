import type { IncomingHttpHeaders } from 'node:http';
import { zstdDecompressSync } from 'node:zlib';
import { z } from 'zod';

const item = z.object({
  type: z.string().optional(),
  role: z.string().optional(),
  content: z.union([z.string(), z.array(z.object({ text: z.string().optional() }))]).optional(),
  output: z.unknown().optional(),
});
const bodySchema = z.object({ model: z.string(), input: z.array(item), tools: z.array(z.unknown()).optional() });

/** One question of Codex to the model. */
export type ModelRequest = {
  model: string;
  /** Last line of the last message of the user. */
  prompt: string;
  /** Every message so far, oldest first. */
  messages: { role: string; text: string }[];
  /** What the tools answered since the last message of the user, oldest first. */
  outputs: string[];
  headers: IncomingHttpHeaders;
  /** The whole body, as it came. */
  raw: string;
};

/** Parses the body of `POST /responses` (zstd where the header says so). Throws ZodError or SyntaxError. */
export function parseModelRequest(headers: IncomingHttpHeaders, bytes: Buffer): ModelRequest {
  const raw = (headers['content-encoding'] === 'zstd' ? zstdDecompressSync(bytes) : bytes).toString('utf8');
  const body = bodySchema.parse(JSON.parse(raw));
  const lastUser = body.input.findLastIndex((entry) => entry.role === 'user');
  const prompt = textOf(body.input[lastUser]).trim().split('\n').at(-1)?.trim() ?? '';
  const messages = body.input.flatMap((entry) => (entry.role === undefined ? [] : [{ role: entry.role, text: textOf(entry) }]));
  const outputs = body.input.slice(lastUser + 1).flatMap((entry) => (entry.type?.endsWith('_output') === true ? [outputText(entry.output)] : []));
  return { model: body.model, prompt, messages, outputs, headers, raw };
}

/** Whether Codex only wants a title for the thread: a hidden question beside the first turns. */
export function isTitleRequest(request: ModelRequest): boolean {
  return request.messages.some((message) => /Generate a concise, single-line (task )?title/.test(message.text));
}

function textOf(entry: z.output<typeof item> | undefined): string {
  const content = entry?.content ?? '';
  return typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('\n');
}

function outputText(output: unknown): string {
  if (typeof output === 'string') return output;
  const parts = z.array(z.object({ text: z.string() })).safeParse(output);
  return parts.success ? parts.data.map((part) => part.text).join('\n') : JSON.stringify(output);
}
