import { mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { codeOf } from '../../base/errors.ts';
import type { CodexConfig } from '../../domain/config.ts';
import { codexHomeOf, type AgentSpec } from './agentSpec.ts';
import { writeIfChanged } from './atomicFile.ts';
import { temporaryDirOf } from './launch.ts';
import { mergeConfig, toToml } from './toml.ts';

/** The agent's `config.toml`: quiet defaults, then the operator's `codex_config`, then what cockpit cannot do without. */
export function codexConfigText(spec: AgentSpec): string {
  const quiet: CodexConfig = {
    model: spec.model,
    tui: { screen_reader_detection_done: true },
    notice: { hide_rate_limit_model_nudge: true, model_migrations: { ...spec.modelMigrations } },
    // Outside of its workdir an agent has nothing to write (AGENT-3), so its shell gets a temporary folder inside.
    sandbox_workspace_write: { exclude_slash_tmp: true, exclude_tmpdir_env_var: true },
    shell_environment_policy: { set: { TMPDIR: shellTemporaryDirOf(spec) } },
  };
  const forced: CodexConfig = {
    model: spec.model,
    sandbox_mode: spec.sandbox,
    approval_policy: 'never',
    check_for_update_on_startup: false,
    features: { daemon_auto_start: false },
    projects: { [spec.workdir]: { trust_level: 'trusted' } },
  };
  return toToml(mergeConfig(mergeConfig(quiet, spec.codexConfig), forced));
}

/** Makes the agent's HOME and workdir, writes `config.toml` where it differs, and aims the `auth.json` link. */
export async function writeCodexHome(spec: AgentSpec, configText: string): Promise<void> {
  const codexHome = codexHomeOf(spec);
  for (const dir of [spec.home, codexHome, temporaryDirOf(spec), spec.workdir, shellTemporaryDirOf(spec)]) await mkdir(dir, { recursive: true, mode: 0o700 });
  await writeIfChanged(`${codexHome}/config.toml`, configText);
  await linkAuthFile(`${codexHome}/auth.json`, spec.authFile);
}

/** Aims the link in one step; with no target a link is taken away, but a real file (a login made in the pane) stays. */
async function linkAuthFile(link: string, target: string | null): Promise<void> {
  const current = await linkTarget(link);
  if (target === null) {
    if (current !== null) await rm(link);
    return;
  }
  if (current === target) return;
  const temporary = `${link}.${randomBytes(6).toString('hex')}.tmp`;
  await symlink(target, temporary);
  await rename(temporary, link);
}

const shellTemporaryDirOf = (spec: AgentSpec): string => `${spec.workdir}/.tmp`;

/** Where a link points; null where there is none. */
export async function linkTarget(path: string): Promise<string | null> {
  try {
    return await readlink(path);
  } catch (error) {
    // EINVAL: it is there, but is no link.
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'EINVAL') return null;
    throw error;
  }
}
