import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { z } from 'zod';
import { pathsOf, type Paths } from '../../src/supervisor/protocol/paths.ts';
import { statusView, type SessionView, type StatusView } from '../../src/supervisor/protocol/statusView.ts';
import type { configRules } from '../../src/supervisor/adapters/configFile/rules.ts';
import { processesOf } from './codex.ts';
import { until } from './until.ts';

const entry = fileURLToPath(new URL('../../src/cli/cockpit.ts', import.meta.url));

/** Nobody answers there: no test may touch the keyring of the person who runs it. */
const noBus = 'unix:path=/nonexistent/bus';

/** How a CLI call ended. */
export type CliResult = { exitCode: number; stdout: string; stderr: string };

/** A data directory and the CLI on it, run from the sources as a person would run it. */
export type CockpitFixture = {
  dir: string;
  paths: Paths;
  env: NodeJS.ProcessEnv;
  writeConfig(config: z.input<typeof configRules>): Promise<void>;
  /** argv of a call, for a terminal. */
  argv(...args: string[]): string[];
  cli(...args: string[]): Promise<CliResult>;
  /** stdout of a call that must succeed. */
  must(...args: string[]): Promise<string>;
  status(): Promise<StatusView>;
  /** The only session of the only host, once it is as `wanted` says. */
  session(wanted: (session: SessionView) => boolean, what: string): Promise<SessionView>;
  /** `kill -9` of the supervisor, without any clean-up. */
  killSupervisor(): Promise<void>;
  /** `cockpit down`, then checks that no process of the data directory is left, and removes it. */
  dispose(): Promise<void>;
};

/** A fresh data directory (`name` below a temp folder); `env` is added to the environment of every call. */
export async function cockpitFixture(env: NodeJS.ProcessEnv = {}, name = 'data'): Promise<CockpitFixture> {
  const dir = await mkdtemp(join(tmpdir(), 'ck-'));
  const paths = pathsOf(join(dir, name), { ...process.env, ...env });
  const home = join(dir, 'home');
  await mkdir(home, { mode: 0o700 });
  const fullEnv = { ...process.env, HOME: home, SSH_AUTH_SOCK: '', TMUX: '', DISPLAY: '', WAYLAND_DISPLAY: '', DBUS_SESSION_BUS_ADDRESS: noBus, ...env };
  const argv = (...args: string[]) => [process.execPath, entry, '--data-dir', paths.dataDir, ...args];
  const cli = (...args: string[]): Promise<CliResult> =>
    new Promise((resolve) => {
      execFile(process.execPath, argv(...args).slice(1), { env: fullEnv, timeout: 60_000, maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
        resolve({ exitCode: error === null ? 0 : typeof error.code === 'number' ? error.code : 128, stdout, stderr });
      });
    });
  const fixture: CockpitFixture = {
    dir,
    paths,
    env: fullEnv,
    async writeConfig(config) {
      await mkdir(paths.dataDir, { recursive: true, mode: 0o700 });
      await writeFile(paths.config, stringify(config), { mode: 0o600 });
    },
    argv,
    cli,
    async must(...args) {
      const result = await cli(...args);
      if (result.exitCode !== 0) throw new Error(`cockpit ${args.join(' ')} ended with ${result.exitCode}: ${result.stderr}`);
      return result.stdout;
    },
    status: async () => statusView.parse(JSON.parse(await fixture.must('status', '--json'))),
    session: (wanted, what) =>
      until(
        async () => {
          const session = (await fixture.status()).hosts[0]?.sessions[0];
          if (!session || !wanted(session)) throw new Error(JSON.stringify(session ?? null));
          return session;
        },
        { timeoutMs: 20_000, what },
      ),
    async killSupervisor() {
      const { pid } = (await fixture.status()).supervisor;
      if (pid === null) throw new Error('no supervisor runs');
      process.kill(pid, 'SIGKILL');
      await until(async () => !(await fixture.status()).supervisor.running, { what: 'the supervisor is gone' });
    },
    async dispose() {
      await fixture.must('down');
      try {
        await until(() => processesOf(dir).length === 0, { timeoutMs: 5_000, what: 'no process is left' });
      } catch {
        throw new Error(`left running: ${processesOf(dir).map((line) => line.slice(0, 200)).join('; ')}\n${existsSync(paths.log) ? (await readFile(paths.log, 'utf8')).slice(-3000) : ''}`);
      }
      await rm(dir, { recursive: true, force: true });
    },
  };
  return fixture;
}
