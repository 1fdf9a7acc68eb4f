import type { AgentStatus } from './agent.ts';
import type { Cursor } from './codexScreen.ts';
import type { Config } from './config.ts';
import type { Focus, Nudges, SessionAccount } from './fleet.ts';
import type { SessionId } from './ids.ts';
import type { RefusalReason } from './ownership.ts';
import type { ObservedSession, OwnershipMark, TmuxServer } from './remoteSession.ts';
import type { Control } from './selection.ts';

/** What is known of a host's machine (CONF-5). */
export type HostMachine = { hostname: string; os: string; cpus: number; ramBytes: number; gpus: string[] };

/** State of the connection to a host. */
export type LinkState = 'connecting' | 'needs-login' | 'online' | 'offline';

/** What a host link tells: happened things only, in order. */
export type HostFact =
  | { kind: 'host-link'; alias: string; link: LinkState; /** one line, or null when all is well */ error: string | null }
  | { kind: 'host-machine'; alias: string; machine: HostMachine; tmuxVersion: string | null }
  /** All managed sessions (`cockpit-*`) of the host; server is null when no tmux server runs there. */
  | { kind: 'host-sessions'; alias: string; server: TmuxServer | null; sessions: ObservedSession[]; /** as the link knows it then; without it what was known stays */ tmuxVersion?: string }
  /** A settled screen of one session: at most 200 lines of text without escapes. */
  | { kind: 'screen'; alias: string; id: SessionId; text: string; title: string; command: string; /** in the text */ cursor?: Cursor; /** of the pane */ width?: number };

/** A fact about anything that cockpit watches. */
export type Fact =
  | HostFact
  | { kind: 'configured'; config: Config; /** as the last supervisor left it, by alias */ remembered: { wake: Record<string, { isOn: boolean; /** what the configuration said then: a changed one wins */ configured: boolean }>; selected: Record<string, string> } }
  | { kind: 'ownership'; alias: string; id: SessionId; mark: OwnershipMark; server: TmuxServer }
  /** `cockpit-main` could not be made on the empty host. */
  | { kind: 'main-failed'; alias: string; why: string }
  /** Somebody pressed a key in a claimed session. */
  | { kind: 'used'; alias: string; id: SessionId }
  /** A session that a key at the remote had claimed is given back, without a change of what is on view. */
  | { kind: 'given-back'; alias: string; id: SessionId }
  /** How the agent's last write ended: with the reason for a refusal, or null. */
  | { kind: 'wrote'; alias: string; id: SessionId; tool: string; refused: RefusalReason | null }
  | { kind: 'agent'; key: string; status: AgentStatus }
  | { kind: 'nudges'; key: string; nudges: Nudges }
  /** A notice for the person came or went. */
  | { kind: 'noticed' }
  | { kind: 'account'; key: string; account: SessionAccount }
  | { kind: 'control'; control: Control }
  | { kind: 'selected'; alias: string; id: SessionId | null; focus: Focus | null };
