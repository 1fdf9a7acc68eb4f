import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AppServerContext } from '../adapters/codex/agentProcess.ts';
import { resolveCodex } from '../adapters/codex/codexBinary.ts';
import { messageOf } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';

/** Codex as the agents run it, or why it cannot be used. */
export type CodexSetup = { ok: true; context: AppServerContext } | { ok: false; why: string };

/** Finds the Codex binary of `codex_path`. */
export async function findCodex(codexPath: string, env: NodeJS.ProcessEnv, logger: Logger): Promise<CodexSetup> {
  try {
    return { ok: true, context: { binary: await resolveCodex(codexPath, env), env, logger } };
  } catch (error) {
    return { ok: false, why: messageOf(error) };
  }
}

/** The operator's own `auth.json`, which agents link to while no account is configured (PAIR-8); null if there is none. */
export async function operatorAuthFile(env: NodeJS.ProcessEnv): Promise<string | null> {
  const path = join(env['CODEX_HOME'] || join(homedir(), '.codex'), 'auth.json');
  return await access(path).then(() => path, () => null);
}
