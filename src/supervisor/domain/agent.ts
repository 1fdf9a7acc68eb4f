/** States of a local agent (AGENT-4). `not-started`: over `max_agents`, supervised by another cockpit, or the host is offline. */
export const agentStates = ['not-started', 'starting', 'idle', 'working', 'needs-input', 'error', 'stopped'] as const;
export type AgentState = (typeof agentStates)[number];

/** What is known of the agent of one remote session. */
export type AgentStatus = {
  state: AgentState;
  threadId: string | null;
  model: string;
  /** Tokens used by the thread so far. */
  tokens: number;
  error: string | null;
};
