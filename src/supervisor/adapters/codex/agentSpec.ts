import type { CodexConfig, Config } from '../../domain/config.ts';

/** Everything that decides how one agent runs; paths are absolute. A changed spec means a new Agent. */
export type AgentSpec = {
  /** Key of the remote session. */
  key: string;
  /** Name of the thread, shown in Codex's own lists. */
  label: string;
  home: string;
  workdir: string;
  socketPath: string;
  model: string;
  sandbox: Config['localAgentSandbox'];
  codexConfig: CodexConfig;
  /** The `auth.json` that the agent's own links to, or null for none. */
  authFile: string | null;
  /** Grows when Codex has to read its login anew though the file is the same one. */
  authRound?: number;
  mcp: { url: string; token: string };
  /** The recorded thread, or null before the first start. */
  threadId: string | null;
  /** Further environment of Codex (a provider's `env_key`); all else comes from a short allow-list. */
  envAllow?: Record<string, string>;
  /** Successors of models that Codex would advertise in a dialog (`modelMigrations` of the catalog). */
  modelMigrations?: Record<string, string>;
};

/** CODEX_HOME of an agent. */
export const codexHomeOf = (spec: Pick<AgentSpec, 'home'>): string => `${spec.home}/.codex`;
