import type { AgentLimit } from './approvalPolicy.ts';

/** How cockpit reaches a host (DISC-10). */
export type Transport = 'openssh' | 'ssh2' | 'local';

/** A value of a Codex `config.toml`. */
export type CodexConfigValue = string | number | boolean | CodexConfigValue[] | { [key: string]: CodexConfigValue };
export type CodexConfig = Record<string, CodexConfigValue>;

/** One host of `config.yaml`, with every default filled in. */
export type HostConfig = {
  alias: string;
  sshTarget: string;
  transport: Transport;
  /** tmux `-L` name (no slash) or `-S` path; null is tmux's own default socket. */
  tmuxSocket: string | null;
  forwardAgent: boolean;
  wake: boolean;
  approvals: 'bypass' | 'ask';
  remoteAuth: 'ask' | 'allow' | 'never';
  /** Any key that any client types at the remote claims (OWN-6). */
  claimOnAnyKey: boolean;
  codexConfig: CodexConfig;
};

/** A whole `config.yaml`, validated, with every default filled in. */
export type Config = {
  hosts: HostConfig[];
  accounts: { key: string; email: string; password: string | null }[];
  localAgentModel: string;
  remoteAgentModel: string;
  localAgentSandbox: 'read-only' | 'workspace-write' | 'danger-full-access';
  pollIntervalMs: number;
  maxAgents: number;
  /** What the local agent may approve by itself on hosts with `approvals: ask`. */
  agentMayApprove: AgentLimit;
  /** null is `off`. */
  claimTimeoutMs: number | null;
  wake: { idleSeconds: number; maxPerHour: number; giveUpAfter: number };
  /** Command line run by `sh -c` when a session starts to need a person; null is none. */
  onAttention: string | null;
  codexPath: string;
  codexConfig: CodexConfig;
};
