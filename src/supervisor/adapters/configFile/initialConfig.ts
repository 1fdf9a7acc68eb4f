/** The first `config.yaml`: no hosts, every other key as a comment with its default. */
export function initialConfigText(): string {
  return `# Configuration of cockpit. Only what you set here differs from the defaults; \`cockpit setup\` edits it and keeps your comments.

hosts: []
accounts: []

# local_agent_model: gpt-5.4-mini
# remote_agent_model: gpt-5.4
# local_agent_sandbox: workspace-write   # read-only | workspace-write | danger-full-access
# poll_interval: 2s
# max_agents: 20
# claim_timeout: off                     # off, or a duration like 30m
# wake: { idle_seconds: 30, max_per_hour: 12, give_up_after: 5 }
# on_attention: null                     # a command run when a session starts to need you
# codex_path: codex
# codex_config: {}
`;
}
