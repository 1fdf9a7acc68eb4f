import { z } from 'zod';
import { controls } from '../domain/selection.ts';
export { controls, type Control } from '../domain/selection.ts';
import { risks } from '../domain/commandRisk.ts';
import { approvalKinds } from '../domain/markers.ts';
import { sessionStates } from '../domain/remoteSession.ts';
import { statusView } from './statusView.ts';

/** Grows when a client and a supervisor of different versions could misunderstand each other. */
export const protocolVersion = 1;

const none = z.object({});
/** `HOST/NAME` or `HOST/$ID`. */
const session = z.object({ session: z.string() });

const action = z.object({
  seq: z.number().int(),
  id: z.string(),
  at: z.string(),
  session: z.string(),
  actor: z.string(),
  tool: z.string(),
  kind: z.string(),
  detail: z.string(),
  epoch: z.number().int().nullable(),
  outcome: z.string().nullable(),
  reason: z.string().nullable(),
});
export type ActionView = z.infer<typeof action>;

const waitingView = z.object({
  session: z.string(),
  name: z.string(),
  state: z.enum(sessionStates),
  waitingMs: z.number(),
  /** What the state was read from, in a line. */
  what: z.string(),
  owner: z.enum(['human', 'agent', 'foreign', 'unread']),
  approval: z
    .object({
      kind: z.enum(approvalKinds),
      /** Whole, as text from the remote; `isCut` if a part of it is not on the screen. */
      command: z.string(),
      isCut: z.boolean(),
      risk: z.enum(risks),
      why: z.string(),
      options: z.array(z.object({ key: z.string(), label: z.string(), selected: z.boolean() })),
      fingerprint: z.string(),
    })
    .nullable(),
});
export type WaitingView = z.infer<typeof waitingView>;

/** Every method of the supervisor, with the shapes of its parameters and result: the one door for the CLI, VS Code and stdio MCP. */
export const api = {
  status: { params: none, result: statusView },
  /** Answers with the present state; changes follow as `fleet/changed` notifications with growing `seq`. */
  'fleet/subscribe': { params: none, result: z.object({ seq: z.number().int(), status: statusView }) },
  ctl: { params: z.object({ control: z.enum(controls) }), result: none },
  select: { params: z.object({ host: z.string(), session: z.string().nullable(), focus: z.enum(['remote', 'agent']).nullable() }), result: none },
  /** Reads `config.yaml` again and repairs; `refreshAuthSock` aims the stable agent link anew (DISC-8). */
  reload: { params: z.object({ sshAuthSock: z.string().nullable() }), result: z.object({ changed: z.array(z.string()) }) },
  /** The terminal cockpit: makes sure that the outer tmux server stands and answers with the argv that attaches to it. */
  'ui/terminal': { params: none, result: z.object({ argv: z.array(z.string()) }) },
  /** The pair for an editor window: argv of a terminal that shows the selected viewer, and of one that shows its agent (VSC-3). */
  'ui/pair': { params: none, result: z.object({ viewer: z.array(z.string()), agent: z.array(z.string()) }) },
  /** Every tmux session of a host, managed or not (DISC-11). */
  'host/sessions': {
    params: z.object({ host: z.string() }),
    result: z.object({ sessions: z.array(z.object({ id: z.string(), name: z.string(), managed: z.boolean(), command: z.string() })) }),
  },
  'host/reconnect': { params: z.object({ host: z.string() }), result: none },
  /** Gives a host back the Codex login that it had before cockpit installed one (MCP-7). */
  'host/undoRemoteAuth': { params: z.object({ host: z.string() }), result: z.object({ did: z.enum(['restored', 'removed', 'nothing']) }) },
  /** Starts `codex login --device-auth` at a host; the page and code where the operator goes on. One that is under way there is ended (MCP-7). */
  'host/beginLogin': { params: z.object({ host: z.string() }), result: z.object({ url: z.string(), userCode: z.string().nullable() }) },
  /** Answers when that login is complete; cancelled, it is ended. */
  'host/completedLogin': { params: z.object({ host: z.string() }), result: none },
  /** argv that opens the connection in a person's terminal (DISC-12). */
  'host/connectArgv': { params: z.object({ host: z.string() }), result: z.object({ argv: z.array(z.string()) }) },
  'session/new': {
    params: z.object({ host: z.string(), name: z.string().nullable(), dir: z.string().nullable(), prompt: z.string().nullable() }),
    result: z.object({ id: z.string(), name: z.string() }),
  },
  'session/kill': { params: session, result: none },
  'session/adopt': { params: session, result: z.object({ id: z.string(), name: z.string() }) },
  'session/release': { params: session, result: z.object({ name: z.string() }) },
  /** Takes a session over that another cockpit supervises (DISC-13). */
  'session/takeOver': { params: session, result: none },
  'session/peek': { params: session, result: z.object({ text: z.string(), title: z.string(), ageMs: z.number() }) },
  'session/scrollback': { params: session, result: z.object({ text: z.string() }) },
  /** argv that attaches a person's terminal to the remote session (CTL-1 `attach`). */
  'session/attachArgv': { params: session.extend({ /** the person attaches now: the session is selected and claimed (OWN-6) */ claim: z.boolean() }), result: z.object({ argv: z.array(z.string()) }) },
  'session/interruptAgent': { params: session, result: none },
  explain: {
    params: session,
    result: z.object({
      state: z.enum(sessionStates),
      evidence: z.array(z.object({ source: z.string(), says: z.enum(sessionStates), value: z.string(), ageMs: z.number() })),
      conflicts: z.array(z.string()),
    }),
  },
  /** A bearer token for the session's HTTP MCP endpoint. */
  'grant/create': {
    params: z.object({ session: z.string(), ttlMs: z.number().int().positive().nullable() }),
    result: z.object({ url: z.string(), token: z.string(), expiresAt: z.string() }),
  },
  /** Binds this connection to one session; `tool/call` then reaches that one only (stdio MCP). */
  'grant/bind': { params: session, result: z.object({ session: z.string() }) },
  'tool/call': {
    params: z.object({ tool: z.string(), input: z.unknown(), meta: z.record(z.string(), z.string()) }),
    result: z.object({ output: z.unknown() }),
  },
  'audit/list': { params: z.object({ session: z.string().nullable(), limit: z.number().int().min(1).max(10_000), sinceSeq: z.number().int() }), result: z.object({ actions: z.array(action) }) },
  'audit/verify': { params: none, result: z.object({ ok: z.boolean(), rows: z.number().int(), brokenSeq: z.number().int().nullable(), why: z.string().nullable() }) },
  /** Every session that waits for a person, over all hosts, the one that has waited longest first; with what it asks, read now. */
  'attention/list': { params: none, result: z.object({ waiting: z.array(waitingView) }) },
  /** Answers the approval that was read, and only that, for the operator: `fingerprint` as it was listed, or its first 8 characters or more. */
  'attention/answer': { params: session.extend({ option: z.string().min(1).max(8), fingerprint: z.string().min(8).max(64) }), result: z.object({ outcome: z.enum(['accepted', 'refused', 'partial', 'unknown']), explanation: z.string() }) },
  /** Whether the caller is the one that tells the person of the session's present need: true for the first who asks (VSC-6). */
  'attention/claim': { params: session, result: z.object({ yours: z.boolean() }) },
  /** A standby process lets go of the data directory for a window that opens (VSC-1); `gone` is false for any other owner. */
  giveWay: { params: none, result: z.object({ gone: z.boolean() }) },
  /** Ends cockpit: its tmux servers, agents, connections and the supervisor. Remote sessions go on (PAIR-7). */
  down: { params: none, result: none },
} as const;
export type Api = typeof api;

/** What the supervisor tells its subscribers without being asked. */
export const notifications = {
  'fleet/changed': z.object({ seq: z.number().int(), status: statusView }),
} as const;
