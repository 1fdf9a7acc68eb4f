import { execFile } from 'node:child_process';
import { chmod, mkdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ModelRequest, Script, Step } from '../../src/demo/scriptedModel.ts';
import { resolveCodex } from '../../src/supervisor/adapters/codex/codexBinary.ts';
import { agentSocketOf } from '../../src/supervisor/agents/wantedAgents.ts';
import type { Paths } from '../../src/supervisor/protocol/paths.ts';
import type { SessionView } from '../../src/supervisor/protocol/statusView.ts';

/** Logs an account in with an API key that names it, as `codex login` would write it. */
export async function logIn(paths: Pick<Paths, 'accounts'>, account: string, secret = `sk-test-${account}`): Promise<string> {
  const dir = join(paths.accounts, account);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  await chmod(paths.accounts, 0o700);
  const file = join(dir, 'auth.json');
  await writeFile(file, JSON.stringify({ auth_mode: 'apikey', OPENAI_API_KEY: secret }), { mode: 0o600 });
  return file;
}

/** The account that a request came with. */
export function accountOf(request: ModelRequest): string {
  return /^Bearer sk-test-(.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? 'none';
}

/** A model whose accounts meet their limits: `limits` is asked at every request. */
export function limitedModel(limits: (account: string, request: ModelRequest) => Step | null): Script {
  return (request) => limits(accountOf(request), request);
}

/** Where an agent's `auth.json` points. */
export function linkOf(paths: Pick<Paths, 'homes'>, key: string): Promise<string> {
  return readlink(join(paths.homes, key, '.codex', 'auth.json'));
}

/** Gives an agent's Codex a prompt, as a person would from another terminal: it runs in the thread that the agent's pane shows. */
export async function promptAgent(paths: Paths, session: SessionView, text: string): Promise<void> {
  const { path } = await resolveCodex('codex', { ...process.env, PATH: '' });
  const home = join(paths.homes, session.key);
  const args = ['queue', '--remote', `unix://${agentSocketOf(paths, session.key)}`, '--thread', session.agent.threadId ?? '', '--message', text];
  await promisify(execFile)(path, args, { env: { PATH: '/usr/bin:/bin', HOME: home, CODEX_HOME: join(home, '.codex'), TMPDIR: join(home, 'tmp') }, timeout: 30_000 });
}
