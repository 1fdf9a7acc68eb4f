import { resolveCodex, supportsAppServer, type CodexBinary } from '../../supervisor/adapters/codex/codexBinary.ts';
import { catalogApplies, checkModel, readCatalog } from '../../supervisor/adapters/codex/models.ts';
import { HumanError, messageOf } from '../../supervisor/base/errors.ts';
import type { Config } from '../../supervisor/domain/config.ts';
import { failed, ok, warning, type Finding } from './report.ts';
import { runProgram } from './runProgram.ts';

/** The Codex that agents run, or why there is none. */
export type FoundCodex = { kind: 'found'; binary: CodexBinary } | { kind: 'none'; why: string };

/** Looks for the Codex of `codex_path`. */
export async function findCodex(config: Config | null, env: NodeJS.ProcessEnv): Promise<FoundCodex> {
  try {
    return { kind: 'found', binary: await resolveCodex(config?.codexPath ?? 'codex', env) };
  } catch (error) {
    if (error instanceof HumanError) return { kind: 'none', why: error.message };
    throw error;
  }
}

/** Version of Codex. */
export function checkCodex(codex: FoundCodex): Finding {
  if (codex.kind === 'none') return failed('no usable Codex, so no agents', codex.why);
  const { version, path } = codex.binary;
  if (!supportsAppServer(version)) return warning(`${version} at ${path} is too old for exact agents`, 'Update it: npm install -g @openai/codex@latest');
  return ok(`${version} at ${path}`);
}

/** The operator's own login, which agents use while no account is configured. */
export async function checkLogin(codex: FoundCodex, config: Config | null, env: NodeJS.ProcessEnv): Promise<Finding> {
  if (config !== null && !catalogApplies(config.codexConfig)) return ok('not needed: codex_config names a provider of its own');
  if (codex.kind === 'none') return warning('not checked, because there is no Codex', 'Install Codex first.');
  const result = await runProgram(codex.binary.path, ['login', 'status'], { env });
  if (result.kind === 'ended' && result.exitCode === 0) return ok(lastLine(result.output) || 'logged in');
  if (result.kind === 'ended' && /not logged in/i.test(result.output)) return warning('not logged in', 'Run `codex login` (or `codex login --device-auth` on a machine without a browser).');
  return warning(`\`codex login status\` failed${result.kind === 'ended' ? `: ${lastLine(result.output)}` : ''}`, 'Run `codex login`.');
}

/** The configured models against the catalog of the installed Codex (CONF-8). */
export async function checkModels(codex: FoundCodex, config: Config | null, env: NodeJS.ProcessEnv): Promise<Finding> {
  if (config === null) return ok('not checked: no configuration that can be read');
  if (!catalogApplies(config.codexConfig)) return ok('not checked: codex_config names a provider of its own');
  if (codex.kind === 'none') return warning('not checked, because there is no Codex', 'Install Codex first.');
  try {
    const catalog = await readCatalog(codex.binary, env);
    const wanted = { local_agent_model: config.localAgentModel, remote_agent_model: config.remoteAgentModel };
    const unknown = Object.entries(wanted).flatMap(([key, model]) => {
      const check = checkModel(catalog, model);
      return check.kind === 'ok' ? [] : [{ key, model, check }];
    });
    if (unknown.length === 0) return ok(`${config.localAgentModel} for agents, ${config.remoteAgentModel} at the remotes`);
    return warning(
      unknown.map(({ key, model, check }) => `${key} ${model} is unknown to this Codex${check.substitute === null ? '' : `; ${check.substitute} is used instead`}`).join('\n'),
      `Set ${unknown.map(({ key, check }) => `${key} to one of ${check.nearest.join(', ')}`).join('; ')} in config.yaml, or update Codex.`,
    );
  } catch (error) {
    return warning(`the catalog cannot be read: ${lastLine(messageOf(error))}`, 'Update Codex: npm install -g @openai/codex@latest');
  }
}

function lastLine(text: string): string {
  // Codex warns before it answers; the answer is last.
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
