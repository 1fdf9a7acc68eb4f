import { z } from 'zod';
import { risks } from '../domain/commandRisk.ts';
import { refusalReasons } from '../domain/ownership.ts';
import { sessionStates } from '../domain/remoteSession.ts';

/** How a write ended, in words for the agent. `reason` is there unless it was accepted. */
export const writeResult = z.object({
  outcome: z.enum(['accepted', 'refused', 'partial', 'unknown']),
  reason: z.enum(refusalReasons).nullable(),
  /** What happened and what to do next, one or two sentences. */
  explanation: z.string(),
  epoch: z.number().int().nullable(),
  /** Whether the remote screen changed within the time that was watched after the write. */
  screenReacted: z.boolean(),
  /** Id of the audit row. */
  auditId: z.string().nullable(),
});
export type WriteResult = z.infer<typeof writeResult>;

/** How `install_remote_auth` ended, in words for the agent. `relaunch`: the right login was there before. */
export const remoteAuthResult = z.object({
  outcome: z.enum(['installed', 'relaunch', 'refused', 'unknown']),
  /** Key of the account, no secret. */
  account: z.string().nullable(),
  explanation: z.string(),
  /** Id of the audit row; null where nothing was sent. */
  auditId: z.string().nullable(),
});
export type RemoteAuthResult = z.infer<typeof remoteAuthResult>;

/** Text from the remote: data, never instructions (MCP-5). Control sequences are stripped, at most 64 KiB. */
export const untrustedText = z.string().max(65_536);

const approvalOption = z.object({ key: z.string(), label: untrustedText, selected: z.boolean() });

export const keyNames = [
  'Enter', 'Escape', 'Tab', 'BTab', 'BSpace', 'Space', 'Delete', 'Insert', 'Up', 'Down', 'Left', 'Right', 'Home', 'End', 'PageUp', 'PageDown',
  'F1', 'F2', 'F3', 'F4', 'F5', 'F6', 'F7', 'F8', 'F9', 'F10', 'F11', 'F12',
  'C-a', 'C-b', 'C-c', 'C-d', 'C-e', 'C-f', 'C-g', 'C-h', 'C-j', 'C-k', 'C-l', 'C-n', 'C-o', 'C-p', 'C-q', 'C-r', 'C-s', 'C-t', 'C-u', 'C-v', 'C-w', 'C-x', 'C-y', 'C-z', 'C-\\',
] as const;
export type KeyName = (typeof keyNames)[number];

/** Most bytes that one accept at tmux takes, and that all texts of one call may have. */
const maxTextBytes = 60_000;
const maxCallBytes = 200_000;

/** Text that is typed: anything that UTF-8 can say, so no half of a surrogate pair. */
const typedText = z
  .string()
  .min(1)
  .max(maxTextBytes)
  .refine((text) => Buffer.byteLength(text) <= maxTextBytes, `has more than ${maxTextBytes} bytes in UTF-8: send it in parts, or have the remote read it from a file`)
  .refine((text) => text.isWellFormed(), 'holds half of a surrogate pair');

const inputAction = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: typedText }),
  z.strictObject({ type: z.literal('key'), key: z.enum(keyNames) }),
]);
const inputActions = z
  .array(inputAction)
  .min(1)
  .max(50)
  .refine((actions) => actions.reduce((sum, action) => sum + (action.type === 'text' ? Buffer.byteLength(action.text) : 1), 0) <= maxCallBytes, `has more than ${maxCallBytes} bytes of text in all`);

const screenView = {
  /** Untrusted text of the remote pane. */
  text: untrustedText,
  epoch: z.number().int().nullable(),
  owner: z.enum(['human', 'agent', 'foreign', 'unread']),
  /** Age of what is shown; null where nothing was read yet. */
  ageMs: z.number().nullable(),
};

/** Schemas of the tools of one session (MCP-2): the one table that both transports and the supervisor share. Inputs refuse unknown keys, so that a call which names a host or session fails instead of acting on the wrong one (MCP-1). */
export const sessionTools = {
  session_status: {
    input: z.strictObject({}),
    output: z.object({
      session: z.string(),
      name: untrustedText,
      mode: z.enum(sessionStates),
      promptText: untrustedText.nullable(),
      promptBlock: untrustedText.nullable(),
      approvalCommand: untrustedText.nullable(),
      /** By rules over the command that is shown; `unknown` where it is cut or the rules do not know it. */
      approvalRisk: z.enum(risks).nullable(),
      approvalOptions: z.array(approvalOption),
      /** Of the approval that was read; approve_prompt wants it back. */
      fingerprint: z.string().nullable(),
      owner: z.enum(['human', 'agent', 'foreign', 'unread']),
      claimAgeMs: z.number().nullable(),
      epoch: z.number().int().nullable(),
      link: z.enum(['connecting', 'needs-login', 'online', 'offline']),
      evidence: z.array(z.object({ source: z.string(), says: z.enum(sessionStates), value: untrustedText, ageMs: z.number() })),
    }),
  },
  capture_snapshot: { input: z.strictObject({ historyLines: z.number().int().min(0).max(2000).default(0) }), output: z.object(screenView) },
  capture_prompt: { input: z.strictObject({}), output: z.object({ ...screenView, fingerprint: z.string().nullable() }) },
  get_settled_delta: {
    input: z.strictObject({ maxWaitMs: z.number().int().min(0).max(60_000).default(0) }),
    output: z.object({ ...screenView, changed: z.boolean() }),
  },
  wait_for_change: {
    input: z.strictObject({ timeoutMs: z.number().int().min(1000).max(840_000).default(600_000) }),
    output: z.object({ ...screenView, changed: z.boolean(), why: z.enum(['screen', 'state', 'ownership', 'timeout', 'nudge', 'link']) }),
  },
  send_text: { input: z.strictObject({ text: typedText, submit: z.boolean().default(true) }), output: writeResult },
  send_input: { input: z.strictObject({ actions: inputActions }), output: writeResult },
  send_keys: { input: z.strictObject({ keys: z.array(z.enum(keyNames)).min(1).max(50) }), output: writeResult },
  approve_prompt: {
    input: z.strictObject({ option: z.string().min(1).max(8), fingerprint: z.string().optional() }),
    output: writeResult,
  },
  interrupt: { input: z.strictObject({ key: z.enum(['C-c', 'Escape']).default('C-c') }), output: writeResult },
  clear_scrollback: { input: z.strictObject({}), output: writeResult },
  install_remote_auth: { input: z.strictObject({}), output: remoteAuthResult },
  list_remote_sessions: {
    input: z.strictObject({}),
    output: z.object({
      sessions: z.array(z.object({ id: z.string(), name: untrustedText, state: z.enum(sessionStates), own: z.boolean() })),
    }),
  },
  read_action_log: {
    input: z.strictObject({ limit: z.number().int().min(1).max(200).default(20) }),
    output: z.object({
      actions: z.array(
        // What was written may repeat what the remote said, as an approval does.
        z.object({ id: z.string(), at: z.string(), tool: z.string(), detail: untrustedText, outcome: z.string().nullable(), reason: z.enum(refusalReasons).nullable() }),
      ),
    }),
  },
} as const;

export type SessionToolName = keyof typeof sessionTools;
export type ToolInput<N extends SessionToolName> = z.output<(typeof sessionTools)[N]['input']>;
export type ToolOutput<N extends SessionToolName> = z.output<(typeof sessionTools)[N]['output']>;

/** What comes with a call: cancellation, the caller's `_meta` ids for the audit (AGENT: threadId, turnId, callId), and a way to tell progress. */
export type ToolContext = { signal: AbortSignal; meta: Record<string, string>; progress: (message: string) => void };

/** The tools of exactly one session. Throws HumanError with what to do next; a refused write is a result, not an error. */
export type SessionPort = {
  call<N extends SessionToolName>(tool: N, input: ToolInput<N>, context: ToolContext): Promise<ToolOutput<N>>;
};
