import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startScriptedModel, type Script, type ScriptedModel } from '../../src/demo/scriptedModel.ts';
import { Agent, type AgentSpec } from '../../src/supervisor/adapters/codex/agent.ts';
import { endAppServer } from '../../src/supervisor/adapters/codex/agentProcess.ts';
import { resolveCodex, type CodexBinary } from '../../src/supervisor/adapters/codex/codexBinary.ts';
import { nullLogger, type Logger } from '../../src/supervisor/base/logger.ts';
import type { CodexConfig } from '../../src/supervisor/domain/config.ts';
import { startTestMcp, type TestMcp } from './codexMcp.ts';

/** The real Codex, a scripted model, an MCP server and a scratch folder: all that an agent needs, without network and account. */
export type CodexFixture = {
  dir: string;
  binary: CodexBinary;
  model: ScriptedModel;
  mcp: TestMcp;
  codexConfig: CodexConfig;
  /** A spec whose home, workdir and socket are named after `key`. */
  spec(key?: string, fields?: Partial<AgentSpec>): AgentSpec;
  /** A new Agent on a spec; `dispose` of the fixture ends its app-server too. */
  agent(spec: AgentSpec): Agent;
  /** Ends all that was started, by pid, and removes the folder. Throws if a Codex of this fixture survives. */
  dispose(): Promise<void>;
};

/** `codex_config` of a provider that is the scripted model. */
export function scriptedProvider(url: string): CodexConfig {
  return {
    model_provider: 'scripted',
    model_providers: { scripted: { name: 'Scripted', base_url: url, wire_api: 'responses', stream_max_retries: 1, request_max_retries: 0 } },
    features: { enable_request_compression: false },
  };
}

/** Makes a fixture; `script` decides what the model answers. */
export async function codexFixture(options: { script?: Script; logger?: Logger } = {}): Promise<CodexFixture> {
  const dir = await mkdtemp(join(tmpdir(), 'ck-'));
  const binary = await resolveCodex('codex', { ...process.env, PATH: '' });
  const model = await startScriptedModel(options.script ? { script: options.script } : {});
  const mcp = await startTestMcp('token-of-the-session');
  const codexConfig = scriptedProvider(model.url);
  const agents: { agent: Agent; spec: AgentSpec }[] = [];
  const fixture: CodexFixture = {
    dir,
    binary,
    model,
    mcp,
    codexConfig,
    spec: (key = 'a', fields = {}) => ({
      key,
      label: `cockpit ${key}`,
      home: join(dir, 'homes', key),
      workdir: join(dir, 'agents', key),
      socketPath: join(dir, `${key}.sock`),
      model: 'fake-model',
      sandbox: 'workspace-write',
      codexConfig,
      authFile: null,
      mcp: { url: mcp.url, token: mcp.token },
      threadId: null,
      ...fields,
    }),
    agent(spec) {
      const agent = new Agent(spec, { binary, env: process.env, logger: options.logger ?? nullLogger });
      agents.push({ agent, spec });
      return agent;
    },
    async dispose() {
      for (const { agent } of agents) agent.dispose();
      for (const { spec } of agents) await endAppServer(spec, 'stop');
      await model.close();
      await mcp.close();
      const survivors = processesOf(dir);
      await rm(dir, { recursive: true, force: true });
      if (survivors.length > 0) throw new Error(`processes survived: ${survivors.join(', ')}`);
    },
  };
  return fixture;
}

/** `PID COMMAND` of every process whose command line names `dir`. */
export function processesOf(dir: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return command.includes(dir) ? [`${pid} ${command}`] : [];
    } catch {
      return []; // it ended between the listing and the reading
    }
  });
}
