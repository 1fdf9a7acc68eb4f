import { join } from 'node:path';
import { endAppServer } from '../adapters/codex/agentProcess.ts';
import type { Pairings } from '../adapters/store/pairings.ts';
import { findHost, type Fleet } from '../domain/fleet.ts';
import type { Paths } from '../protocol/paths.ts';
import type { AgentSet } from './agentSet.ts';
import { agentSocketOf } from './wantedAgents.ts';

/** Ends app-servers that an earlier supervisor left for sessions that went away while none ran. Each pairing is looked at once: what this supervisor starts, it ends itself. */
export class Leftovers {
  readonly #pairings: Pairings;
  readonly #paths: Paths;
  readonly #agents: AgentSet;
  readonly #settled = new Set<string>();

  constructor(pairings: Pairings, paths: Paths, agents: AgentSet) {
    this.#pairings = pairings;
    this.#paths = paths;
    this.#agents = agents;
  }

  /** Called with the pairings in step with the fleet. A host that was not listed yet says nothing about its sessions. */
  end(fleet: Fleet, wanted: ReadonlySet<string>): void {
    for (const { key, alias, archivedAt } of this.#pairings.list({ includeArchived: true })) {
      if (this.#settled.has(key)) continue;
      const isKnown = wanted.has(key) || archivedAt !== null || (findHost(fleet, alias)?.listedAtMs ?? null) !== null;
      if (!isKnown) continue;
      this.#settled.add(key);
      if (!wanted.has(key)) this.#agents.endLeftover(key, () => endAppServer({ home: join(this.#paths.homes, key), socketPath: agentSocketOf(this.#paths, key) }, 'stop'));
    }
  }
}
