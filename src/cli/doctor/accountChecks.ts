import { Passwords } from '../../supervisor/adapters/secrets/passwords.ts';
import type { Config } from '../../supervisor/domain/config.ts';
import type { Paths } from '../../supervisor/protocol/paths.ts';
import { loggedInAs } from '../accounts/logIn.ts';
import { ok, warning, type DoctorCheck, type Finding } from './report.ts';

/** Where passwords of accounts are kept, and that none stands in `config.yaml` (CONF-6). */
export async function checkPasswords(config: Config | null, paths: Paths, env: NodeJS.ProcessEnv): Promise<Finding> {
  const plainOnes = (config?.accounts ?? []).filter(({ password }) => password !== null).map(({ key }) => key);
  if (plainOnes.length > 0) return warning(`config.yaml holds the password of ${plainOnes.join(', ')}`, 'Run `cockpit secret import`: it moves them to the keyring, or to secrets.yaml where there is none.');
  const problem = await new Passwords(paths, env).keyringProblem();
  return ok(problem === null ? 'in the keyring' : `in secrets.yaml, because there is no keyring (${problem})`);
}

/** Each account: logged in as the address that it should be, or not (ACCT-5). */
export async function checkAccounts(config: Config | null, paths: Paths): Promise<DoctorCheck[]> {
  return await Promise.all((config?.accounts ?? []).map(async ({ key, email }) => ({ id: `account:${key}`, title: key, ...loginFinding(key, email, await loggedInAs(paths, key)) })));
}

function loginFinding(key: string, email: string, as: string | null | undefined): Finding {
  const mend = `Run \`cockpit login-accounts ${key}\`.`;
  if (as === undefined) return warning('not logged in', mend);
  if (as === null) return ok('logged in with a key');
  return as.toLowerCase() === email.toLowerCase() ? ok(`logged in as ${as}`) : warning(`logged in as ${as}, not ${email}`, mend);
}
