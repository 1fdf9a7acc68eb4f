import type { Config, HostConfig } from '../../domain/config.ts';
import { parseDuration, type RawConfig, type RawHost } from './rules.ts';

/** The configuration with every default of the contract filled in. */
export function fillDefaults(raw: RawConfig): Config {
  return {
    hosts: (raw.hosts ?? []).map(fillHost),
    accounts: (raw.accounts ?? []).map(({ key, email, password }) => ({ key, email, password: password ?? null })),
    localAgentModel: raw.local_agent_model ?? 'gpt-5.4-mini',
    remoteAgentModel: raw.remote_agent_model ?? 'gpt-5.4',
    localAgentSandbox: raw.local_agent_sandbox ?? 'workspace-write',
    pollIntervalMs: parseDuration(raw.poll_interval ?? '2s') ?? 2000,
    maxAgents: raw.max_agents ?? 20,
    agentMayApprove: raw.agent_may_approve ?? 'read-only',
    claimTimeoutMs: parseDuration(raw.claim_timeout ?? 'off'),
    wake: {
      idleSeconds: raw.wake?.idle_seconds ?? 30,
      maxPerHour: raw.wake?.max_per_hour ?? 12,
      giveUpAfter: raw.wake?.give_up_after ?? 5,
    },
    onAttention: raw.on_attention ?? null,
    codexPath: raw.codex_path ?? 'codex',
    codexConfig: raw.codex_config ?? {},
  };
}

function fillHost(raw: RawHost): HostConfig {
  return {
    alias: raw.alias,
    sshTarget: raw.ssh_target ?? raw.alias,
    transport: raw.transport ?? 'openssh',
    tmuxSocket: raw.tmux_socket ?? null,
    forwardAgent: raw.forward_agent ?? true,
    wake: raw.wake ?? true,
    approvals: raw.approvals ?? 'bypass',
    remoteAuth: raw.remote_auth ?? 'ask',
    claimOnAnyKey: raw.claim_on_any_key ?? false,
    codexConfig: raw.codex_config ?? {},
  };
}
