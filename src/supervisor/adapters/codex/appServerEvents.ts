import { z } from 'zod';

const threadStatus = z.discriminatedUnion('type', [
  z.object({ type: z.literal('notLoaded') }),
  z.object({ type: z.literal('idle') }),
  z.object({ type: z.literal('systemError') }),
  z.object({ type: z.literal('active'), activeFlags: z.array(z.string()) }),
]);
/** Codex's own word for what a thread does; `activeFlags` tell of a waiting approval or question. */
export type ThreadStatus = z.output<typeof threadStatus>;

/** One thread, as far as cockpit looks at it. */
export const threadSchema = z.object({
  id: z.string(),
  ephemeral: z.boolean(),
  parentThreadId: z.string().nullish(),
  attachedToThreadId: z.string().nullish(),
  name: z.string().nullish(),
  status: threadStatus,
});
export type CodexThread = z.output<typeof threadSchema>;

const turnError = z.object({
  message: z.string(),
  /** A word (`usageLimitExceeded`), or an object whose only key is the word. */
  codexErrorInfo: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish().transform((info) => (typeof info === 'object' && info !== null ? (Object.keys(info)[0] ?? null) : (info ?? null))),
});
const rateLimitWindow = z.object({ usedPercent: z.number(), windowDurationMins: z.number().nullish(), resetsAt: z.number().nullish() }).nullish();

const params = {
  'thread/started': z.object({ thread: threadSchema }),
  'thread/status/changed': z.object({ threadId: z.string(), status: threadStatus }),
  'thread/closed': z.object({ threadId: z.string() }),
  'thread/settings/updated': z.object({ threadId: z.string(), threadSettings: z.object({ model: z.string() }) }),
  'turn/started': z.object({ threadId: z.string(), turn: z.object({ id: z.string() }) }),
  'turn/completed': z.object({
    threadId: z.string(),
    turn: z.object({ id: z.string(), status: z.enum(['completed', 'interrupted', 'failed', 'inProgress']), error: turnError.nullish() }),
  }),
  error: z.object({ threadId: z.string(), turnId: z.string(), willRetry: z.boolean(), error: turnError }),
  'thread/tokenUsage/updated': z.object({ threadId: z.string(), tokenUsage: z.object({ total: z.object({ totalTokens: z.number() }), modelContextWindow: z.number().nullish() }) }),
  'account/rateLimits/updated': z.object({ rateLimits: z.object({ /** `codex` for the account; others for single models */ limitId: z.string().nullish(), planType: z.string().nullish(), primary: rateLimitWindow, secondary: rateLimitWindow }) }),
} as const;
type Params = { [M in keyof typeof params]: z.output<(typeof params)[M]> };

/** What Codex tells by itself, as far as cockpit uses it. */
export type AppServerEvent = { [M in keyof Params]: { method: M; params: Params[M] } }[keyof Params];

/** The event of a notification; null for one that cockpit does not use. Throws ZodError if a known one has another shape. */
export function parseEvent(method: string, raw: unknown): AppServerEvent | null {
  if (!Object.hasOwn(params, method)) return null;
  // The table pairs each method with its schema, which TypeScript cannot follow through an index.
  return { method, params: params[method as keyof Params].parse(raw) } as AppServerEvent;
}

/** The thread that an event shows a person to be in: one that was made, or that began to work. */
export function enteredThread(event: AppServerEvent): string | null {
  if (event.method === 'thread/started') return event.params.thread.id;
  return event.method === 'thread/status/changed' && event.params.status.type === 'active' ? event.params.threadId : null;
}

/** The thread that an event is about; null for those about the account. */
export function threadIdOf(event: AppServerEvent): string | null {
  if (event.method === 'account/rateLimits/updated') return null;
  return event.method === 'thread/started' ? event.params.thread.id : event.params.threadId;
}
