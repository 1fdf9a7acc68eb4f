import { Passwords } from '../../supervisor/adapters/secrets/passwords.ts';
import type { Config } from '../../supervisor/domain/config.ts';
import type { Paths } from '../../supervisor/protocol/paths.ts';
import { ok, warning, type Finding } from './report.ts';

/** Where passwords of accounts are kept, and that none stands in `config.yaml` (CONF-6). */
export async function checkPasswords(config: Config | null, paths: Paths, env: NodeJS.ProcessEnv): Promise<Finding> {
  const plainOnes = (config?.accounts ?? []).filter(({ password }) => password !== null).map(({ key }) => key);
  if (plainOnes.length > 0) return warning(`config.yaml holds the password of ${plainOnes.join(', ')}`, 'Run `cockpit secret import`: it moves them to the keyring, or to secrets.yaml where there is none.');
  const problem = await new Passwords(paths, env).keyringProblem();
  return ok(problem === null ? 'in the keyring' : `in secrets.yaml, because there is no keyring (${problem})`);
}
