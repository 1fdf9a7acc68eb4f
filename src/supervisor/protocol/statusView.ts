import { z } from 'zod';
import { accountStates } from '../domain/account.ts';
import { agentStates } from '../domain/agent.ts';
import { refusalReasons } from '../domain/ownership.ts';
import { sessionStates } from '../domain/remoteSession.ts';

const iso = z.string();

/** One session as clients see it. Names and titles are text from the remote: show them as text only. */
export const sessionView = z.object({
  id: z.string(),
  name: z.string(),
  key: z.string(),
  state: z.enum(sessionStates),
  owner: z.enum(['human', 'agent', 'foreign', 'unread']),
  /** Null while it was not read from the remote. */
  epoch: z.number().int().nullable(),
  /** Name of the other cockpit that supervises it, else null. */
  supervisedBy: z.string().nullable(),
  /** Age of the human's claim in ms, else null. */
  claimAgeMs: z.number().nullable(),
  /** How long the human who owns it has pressed no key in it, in ms (OWN-10), else null. Old files have none. */
  claimIdleMs: z.number().nullable().default(null),
  /** The agent's last write, if it was refused and nobody's ownership has changed since. Old files have none. */
  lastRefusal: z.object({ tool: z.string(), reason: z.enum(refusalReasons), ageMs: z.number() }).nullable().default(null),
  /** Text of the remote. */
  title: z.string(),
  account: z.string().nullable(),
  /** The account whose login cockpit gave the remote Codex, or null (MCP-7). Old files have none. */
  remoteAccount: z.string().nullable().default(null),
  /** Why the agent is not moved to another account until this one is logged in anew, or null (ACCT-6). Old files have none. */
  accountHold: z.string().nullable().default(null),
  agent: z.object({
    state: z.enum(agentStates),
    threadId: z.string().nullable(),
    model: z.string(),
    workdir: z.string(),
    error: z.string().nullable(),
  }),
  pendingRotation: z
    .object({ from: z.string(), reason: z.string(), attempts: z.number().int(), nextTryAt: iso })
    .nullable(),
  /** `off`: why there are no more nudges until the remote changes, or null. */
  nudges: z.object({ sent: z.number().int(), useful: z.number().int(), tokens: z.number().int(), off: z.string().nullable() }),
});
export type SessionView = z.infer<typeof sessionView>;

/** One host as clients see it. */
export const hostView = z.object({
  alias: z.string(),
  state: z.enum(['connecting', 'needs-login', 'online', 'offline']),
  lastError: z.string().nullable(),
  /** Age in ms of what is shown of the host; null when nothing was read yet. */
  ageMs: z.number().nullable(),
  wake: z.boolean(),
  tmux: z.string().nullable(),
  facts: z
    .object({ hostname: z.string(), os: z.string(), cpus: z.number().int(), ramBytes: z.number(), gpus: z.array(z.string()) })
    .nullable(),
  selectedSession: z.string().nullable(),
  sessions: z.array(sessionView),
});
export type HostView = z.infer<typeof hostView>;

/** One account as clients see it (ACCT-7). */
export const accountView = z.object({
  key: z.string(),
  email: z.string(),
  state: z.enum(accountStates),
  /** Until when it counts as used up, else null. */
  exhaustedUntil: iso.nullable(),
  /** Usage windows as Codex last told them, shortest first; `label` is their length: `5h`, `weekly`. */
  limits: z.array(z.object({ label: z.string(), minutes: z.number(), usedPercent: z.number(), resetsAt: iso.nullable() })),
  /** Hosts whose Codex got this login from cockpit (MCP-7). */
  installedAt: z.array(z.string()),
});
export type AccountView = z.infer<typeof accountView>;

/** `cockpit status --json` (CTL-2): stable, fields may be added. */
export const statusView = z.object({
  version: z.string(),
  dataDir: z.string(),
  supervisor: z.object({
    running: z.boolean(),
    pid: z.number().int().nullable(),
    owner: z.enum(['cli', 'vscode', 'standby']).nullable(),
    since: iso.nullable(),
    /** Things that a person should know, one line each: a refused configuration, a recovered database… */
    notices: z.array(z.string()),
  }),
  selected: z.object({ host: z.string().nullable(), session: z.string().nullable(), focus: z.enum(['remote', 'agent']) }),
  /** In the order in which they are used. Old files have none. */
  accounts: z.array(accountView).default([]),
  hosts: z.array(hostView),
});
export type StatusView = z.infer<typeof statusView>;
