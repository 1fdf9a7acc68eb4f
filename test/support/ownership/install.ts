import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { z } from 'zod';
import type { configRules } from '../../../src/supervisor/adapters/configFile/rules.ts';
import { api, type ActionView, type Api } from '../../../src/supervisor/protocol/api.ts';
import { connect, type Client as SupervisorClient } from '../../../src/supervisor/protocol/client.ts';
import { writeResult, type WriteResult } from '../../../src/supervisor/protocol/sessionTools.ts';
import type { SessionView, StatusView } from '../../../src/supervisor/protocol/statusView.ts';
import { cockpitFixture, type CockpitFixture } from '../cockpit.ts';
import { until } from '../until.ts';

const entry = fileURLToPath(new URL('../../../src/cli/cockpit.ts', import.meta.url));

/** One cockpit with a data directory of its own, whose supervisor is a process that a test may kill. */
export type Install = {
  readonly fixture: CockpitFixture;
  /** Starts `cockpit supervise` and waits until it listens. */
  start(): Promise<void>;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
  readonly pid: number;
  /** Counts the starts. */
  readonly life: number;
  /** The connection to the supervisor that runs. */
  client(): Promise<SupervisorClient<Api>>;
  status(): Promise<StatusView>;
  /** The session of that name on the only host, once it is as wanted. */
  session(name: string, wanted: (session: SessionView) => boolean, what: string): Promise<SessionView>;
  /** Rows behind that one, at most 10,000. */
  audit(sinceSeq?: number): Promise<ActionView[]>;
  /** `kill -9` of nothing: `cockpit down`, and the data directory is removed. */
  dispose(): Promise<void>;
};

/** An MCP client that holds a grant for one session. */
export type GrantClient = {
  look(): Promise<{ owner: string; epoch: number | null }>;
  send(text: string, submit: boolean): Promise<WriteResult>;
  close(): Promise<void>;
};

/** Makes a data directory with this configuration; starts nothing. */
export async function makeInstall(config: z.input<typeof configRules>, env: NodeJS.ProcessEnv = {}): Promise<Install> {
  const fixture = await cockpitFixture(env);
  await fixture.writeConfig(config);
  let child: ChildProcess | null = null;
  let open: SupervisorClient<Api> | null = null;
  let life = 0;
  const install: Install = {
    fixture,
    get pid() {
      return child?.pid ?? 0;
    },
    get life() {
      return life;
    },
    async start() {
      life++;
      const log = openSync(fixture.paths.log, 'a', 0o600);
      child = spawn(process.execPath, [entry, '--data-dir', fixture.paths.dataDir, 'supervise'], { stdio: ['ignore', log, log], env: fixture.env });
      closeSync(log);
      try {
        await install.client();
      } catch (error) {
        throw new Error(`the supervisor (${child.exitCode ?? 'running'}) does not listen:\n${readFileSync(fixture.paths.log, 'utf8').slice(-2000)}`, { cause: error });
      }
    },
    async kill() {
      open?.dispose();
      open = null;
      const old = child;
      child = null;
      if (!old || old.exitCode !== null) return;
      const exited = once(old, 'exit');
      old.kill('SIGKILL');
      await exited;
    },
    async client() {
      open ??= await until(() => connect(fixture.paths, api, 'test'), { timeoutMs: 30_000, what: 'the supervisor listens' });
      return open;
    },
    status: async () => (await install.client()).request('status', {}),
    session: (name, wanted, what) =>
      until(
        async () => {
          const session = (await install.status()).hosts[0]?.sessions.find((row) => row.name === name);
          if (!session || !wanted(session)) throw new Error(JSON.stringify(session ?? null));
          return session;
        },
        { timeoutMs: 20_000, what: `${what} (${name})` },
      ),
    audit: async (sinceSeq = 0) => (await (await install.client()).request('audit/list', { session: null, limit: 10_000, sinceSeq })).actions,
    async dispose() {
      open?.dispose();
      open = null;
      await fixture.dispose();
    },
  };
  return install;
}

/** Connects to the session's HTTP endpoint. */
export async function grantClient({ url, token }: { url: string; token: string }): Promise<GrantClient> {
  const client = new Client({ name: 'test', version: '0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { authorization: `Bearer ${token}` } } }));
  const call = async (name: string, args: Record<string, unknown>): Promise<unknown> => {
    const result = await client.callTool({ name, arguments: args }, undefined, { timeout: 15_000 });
    if (result.isError) throw new Error(JSON.stringify(result.content));
    return result.structuredContent;
  };
  return {
    look: async () => (await call('session_status', {})) as { owner: string; epoch: number | null },
    send: async (text, submit) => writeResult.parse(await call('send_text', { text, submit })),
    close: () => client.close(),
  };
}
