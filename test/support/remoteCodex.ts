import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toToml } from '../../src/supervisor/adapters/codex/toml.ts';
import type { CodexConfig } from '../../src/supervisor/domain/config.ts';
import { quote } from '../../src/supervisor/adapters/shell/shell.ts';

/** A remote Codex that asks for approvals: the shell command that runs its TUI, and the folder that it works in. */
export type RemoteCodex = { command: string; workdir: string };

/** Makes home and workdir of a real Codex as an operator has it on a remote host, in `dir`. `more` is merged over its `config.toml`. */
export async function remoteCodex(dir: string, binary: string, codexConfig: CodexConfig, more: CodexConfig = {}): Promise<RemoteCodex> {
  const home = join(dir, 'codex-home');
  const workdir = join(dir, 'project');
  await mkdir(join(home, 'tmp'), { recursive: true });
  await mkdir(workdir, { recursive: true });
  const config: CodexConfig = {
    model: 'fake-model',
    ...codexConfig,
    approval_policy: 'on-request',
    sandbox_mode: 'workspace-write',
    check_for_update_on_startup: false,
    features: { daemon_auto_start: false, enable_request_compression: false },
    tui: { screen_reader_detection_done: true },
    notice: { hide_rate_limit_model_nudge: true },
    projects: { [workdir]: { trust_level: 'trusted' } },
    ...more,
  };
  await writeFile(join(home, 'config.toml'), toToml(config));
  const env = { HOME: home, CODEX_HOME: home, TMPDIR: join(home, 'tmp'), PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' };
  const words = Object.entries(env).map(([name, value]) => quote(`${name}=${value}`));
  return { command: `cd ${quote(workdir)} && exec env -i TERM="$TERM" ${words.join(' ')} ${quote(binary)} --no-daemon`, workdir };
}
