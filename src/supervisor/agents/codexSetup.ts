import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AppServerContext } from '../adapters/codex/agentProcess.ts';
import { isStandIn, resolveCodex, supportsAppServer, type CodexBinary } from '../adapters/codex/codexBinary.ts';
import { catalogApplies, checkModel, modelMigrations, readCatalog, type CatalogModel } from '../adapters/codex/models.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { CodexConfig } from '../domain/config.ts';

/** Codex as the agents run it, or why it cannot be used; `standIn` is a program that says so in the agents' panes. */
export type CodexSetup = { ok: true; context: AppServerContext; catalog: CatalogModel[] } | { ok: false; why: string; standIn: string | null };

/** Finds the Codex binary of `codex_path`. */
export async function findCodex(codexPath: string, env: NodeJS.ProcessEnv, logger: Logger): Promise<CodexSetup> {
  try {
    const binary = await resolveCodex(codexPath, env);
    if (!supportsAppServer(binary.version)) return unusable(binary);
    return { ok: true, context: { binary, env, logger }, catalog: await catalogOf(binary, env, logger) };
  } catch (error) {
    return { ok: false, why: messageOf(error), standIn: null };
  }
}

function unusable({ path, version }: CodexBinary): CodexSetup {
  if (isStandIn(version)) return { ok: false, why: 'no usable Codex was found; a stand-in is shown', standIn: path };
  return { ok: false, why: `Codex ${version} at ${path} is too old for cockpit's agents. Update it with "npm install -g @openai/codex@latest".`, standIn: null };
}

async function catalogOf(binary: AppServerContext['binary'], env: NodeJS.ProcessEnv, logger: Logger): Promise<CatalogModel[]> {
  try {
    return await readCatalog(binary, env);
  } catch (error) {
    // An older Codex has none to show: models are taken as configured.
    logger.warn('models are not checked', { error: messageOf(error) });
    return [];
  }
}

/** The model and the notices of an agent: an unknown model of the usual provider is replaced by the nearest cheap one for the run (CONF-8). */
export function modelFor(catalog: CatalogModel[], wanted: string, codexConfig: CodexConfig): { model: string; modelMigrations: Record<string, string> } {
  const migrations = modelMigrations(catalog);
  if (catalog.length === 0 || !catalogApplies(codexConfig)) return { model: wanted, modelMigrations: migrations };
  const check = checkModel(catalog, wanted);
  return { model: check.kind === 'ok' ? wanted : (check.substitute ?? wanted), modelMigrations: migrations };
}

/** The operator's own `auth.json`, which agents link to while no account is configured (PAIR-8); null if there is none. */
export async function operatorAuthFile(env: NodeJS.ProcessEnv): Promise<string | null> {
  const path = join(env['CODEX_HOME'] || join(homedir(), '.codex'), 'auth.json');
  return await access(path).then(() => path, () => null);
}
