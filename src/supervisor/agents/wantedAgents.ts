import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Pairings } from '../adapters/store/pairings.ts';
import type { CodexConfig, Config } from '../domain/config.ts';
import { allSessions, type Fleet } from '../domain/fleet.ts';
import type { Paths } from '../protocol/paths.ts';
import { workdirOf } from '../statusOf.ts';
import { mergeConfig } from '../adapters/codex/toml.ts';
import type { CatalogModel } from '../adapters/codex/models.ts';
import type { AgentLogin, WantedAgent } from './agentSet.ts';
import { modelFor } from './codexSetup.ts';

/** The agents that should run: of the sessions that are ours, the `max_agents` that were paired first (PAIR-2). */
export function wantedAgents(fleet: Fleet, config: Config, pairings: Pairings, paths: Paths, mcpUrl: string, loginOf: (key: string) => AgentLogin, catalog: CatalogModel[]): WantedAgent[] {
  const stored = new Map(pairings.list().map((pairing) => [pairing.key, pairing]));
  const rows = allSessions(fleet).flatMap(({ ref, host, session }) => {
    const pairing = stored.get(session.key);
    // While the link is down its ownership is unread: a paired agent stays.
    return pairing && session.ownership.kind !== 'foreign' ? [{ ref, host, session, pairing }] : [];
  });
  rows.sort((a, b) => a.pairing.createdAt.localeCompare(b.pairing.createdAt) || a.session.key.localeCompare(b.session.key));
  return rows.slice(0, config.maxAgents).map(({ ref, host, session, pairing }) => ({
    key: session.key,
    label: `${ref.alias}/${ref.id}`,
    home: join(paths.homes, session.key),
    workdir: workdirOf(paths.agents, ref.alias, ref.id),
    socketPath: agentSocketOf(paths, session.key),
    sandbox: config.localAgentSandbox,
    ...withModel(config, mergeConfig(config.codexConfig, host.config.codexConfig), catalog),
    ...loginOf(session.key),
    mcp: { url: mcpUrl, token: pairing.mcpToken },
  }));
}

function withModel(config: Config, codexConfig: CodexConfig, catalog: CatalogModel[]): Pick<WantedAgent, 'model' | 'modelMigrations' | 'codexConfig'> {
  return { codexConfig, ...modelFor(catalog, config.localAgentModel, codexConfig) };
}

/** Socket of an agent's app-server; a hash, because a socket path must stay short. */
export function agentSocketOf(paths: Pick<Paths, 'agentSockets'>, key: string): string {
  return join(paths.agentSockets, `${createHash('sha256').update(key).digest('hex').slice(0, 12)}.sock`);
}
