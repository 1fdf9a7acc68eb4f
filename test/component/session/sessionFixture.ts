import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { api, type Api } from '../../../src/supervisor/protocol/api.ts';
import { connect as connectSupervisor } from '../../../src/supervisor/protocol/client.ts';
import { sessionTools, type SessionToolName, type ToolOutput } from '../../../src/supervisor/protocol/sessionTools.ts';
import { cockpitFixture, type CockpitFixture } from '../../support/cockpit.ts';
import { startTmux, type TmuxFixture } from '../../support/tmuxServer.ts';
import { until } from '../../support/until.ts';
import { connect, textOf } from '../mcp/mcpClient.ts';

const entry = fileURLToPath(new URL('../../../src/cli/cockpit.ts', import.meta.url));

export type Transport = 'http' | 'stdio';

/** A whole cockpit on one real tmux server, without agents, and clients of the MCP project's SDK for its sessions. */
export type SessionsFixture = {
  tmux: TmuxFixture;
  cockpit: CockpitFixture;
  supervisor: Awaited<ReturnType<typeof connectSupervisor<Api>>>;
  /** Waits until a session (`cockpit-…` without its prefix) may be written. */
  ready(...names: string[]): Promise<void>;
  grant(name: string, hours?: number): Promise<{ url: string; token: string }>;
  /** A new reader of a session. */
  open(transport: Transport, name: string): Promise<SessionClient>;
  /** The reader that all tests of one transport share. */
  reader(transport: Transport, name: string): Promise<SessionClient>;
  /** The human claims a session, or gives all back. */
  claim(name: string): Promise<void>;
  release(): Promise<void>;
  /** What was written, or refused. */
  audit(): Promise<AuditRow[]>;
  stop(): Promise<void>;
};

const auditRow = z.object({ id: z.string(), session: z.string(), actor: z.string(), tool: z.string(), outcome: z.string().nullable(), reason: z.string().nullable(), detail: z.string(), epoch: z.number().nullable() });
export type AuditRow = z.infer<typeof auditRow>;

/** One connected client of one session. */
export class SessionClient {
  readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  /** The structured content of a call that must succeed; the client checks it against the listed schema, and this against ours. */
  async call<N extends SessionToolName>(tool: N, args: Record<string, unknown> = {}, options: Parameters<Client['callTool']>[2] = {}): Promise<ToolOutput<N>> {
    const result = await this.raw(tool, args, options);
    if (result.isError === true) throw new Error(`${tool}: ${textOf(result)}`);
    return sessionTools[tool].output.parse(result.structuredContent) as ToolOutput<N>;
  }

  async raw(tool: string, args: Record<string, unknown> = {}, options: Parameters<Client['callTool']>[2] = {}): Promise<CallToolResult> {
    return (await this.client.callTool({ name: tool, arguments: args }, undefined, options)) as CallToolResult;
  }

  /** The words of a call that must fail. */
  async refusal(tool: string, args: Record<string, unknown> = {}): Promise<string> {
    const result = await this.raw(tool, args);
    if (result.isError !== true) throw new Error(`${tool} was not refused: ${textOf(result)}`);
    return textOf(result);
  }
}

/** Starts it; `prepare` makes the sessions first. `host`: how the host is reached, if it is not `local`. */
export async function startSessions(prepare: (tmux: TmuxFixture) => Promise<void>, options: { env?: NodeJS.ProcessEnv; host?: Record<string, string> } = {}): Promise<SessionsFixture> {
  const tmux = await startTmux();
  await prepare(tmux);
  const cockpit = await cockpitFixture(options.env ?? {});
  await cockpit.writeConfig({ hosts: [{ alias: 'here', tmux_socket: tmux.socket, ...(options.host ?? { transport: 'local' }) }], codex_path: '/nonexistent/codex' });
  await cockpit.must('up', '--no-attach');
  const supervisor = await connectSupervisor(cockpit.paths, api, 'test');
  const clients: SessionClient[] = [];
  const readers = new Map<string, Promise<SessionClient>>();
  const owner = async (name: string) => (await supervisor.request('status', {})).hosts[0]?.sessions.find((session) => session.name === `cockpit-${name}`)?.owner;
  const fixture: SessionsFixture = {
    tmux,
    cockpit,
    supervisor,
    async ready(...names) {
      for (const name of names) await until(async () => (await owner(name)) === 'agent', { what: `the agent owns ${name}` });
    },
    grant(name, hours) {
      return supervisor.request('grant/create', { session: `here/${name}`, ttlMs: hours === undefined ? null : Math.round(hours * 3_600_000) });
    },
    async open(transport, name) {
      const session = new SessionClient(transport === 'http' ? await openHttp(await fixture.grant(name)) : await openStdio(cockpit, name));
      clients.push(session);
      await session.client.listTools();
      return session;
    },
    reader(transport, name) {
      const key = `${transport} ${name}`;
      const known = readers.get(key) ?? fixture.open(transport, name);
      readers.set(key, known);
      return known;
    },
    async claim(name) {
      await supervisor.request('select', { host: 'here', session: `here/${name}`, focus: 'remote' });
      await until(async () => (await owner(name)) === 'human', { what: `the human owns ${name}` });
    },
    async release() {
      const { selected } = await supervisor.request('status', {});
      await supervisor.request('select', { host: 'here', session: selected.session === null ? null : `here/${selected.session}`, focus: 'agent' });
      await until(async () => (await supervisor.request('status', {})).hosts[0]?.sessions.every((session) => session.owner === 'agent'), { what: 'the agents own all' });
    },
    audit: async () => (await supervisor.request('audit/list', { session: null, limit: 1000, sinceSeq: 0 })).actions.filter((row) => row.kind === 'write').map((row) => auditRow.parse(row)),
    async stop() {
      for (const { client } of clients) await client.close();
      supervisor.dispose();
      await cockpit.dispose();
      await tmux.stop();
    },
  };
  return fixture;
}

function openHttp({ url, token }: { url: string; token: string }): Promise<Client> {
  return connect(url, token);
}

async function openStdio(cockpit: CockpitFixture, name: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '0' });
  const env = Object.fromEntries(Object.entries(cockpit.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [entry, '--data-dir', cockpit.paths.dataDir, 'mcp', '--session', `here/${name}`], env, stderr: 'ignore' }));
  return client;
}
