import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { nullLogger } from '../../../src/supervisor/base/logger.ts';
import type { SessionPort } from '../../../src/supervisor/protocol/sessionTools.ts';
import { createMcpHttpServer, type McpHttpServer } from '../../../src/mcp/http.ts';
import { hashToken } from '../../../src/mcp/httpChecks.ts';

/** Serves ports by their tokens, on a free loopback port. */
export function serve(grants: Record<string, SessionPort>, port = 0): Promise<McpHttpServer> {
  const byHash = new Map(Object.entries(grants).map(([token, session]) => [hashToken(token), session]));
  return createMcpHttpServer({ port, resolveToken: (hash) => byHash.get(hash) ?? null, logger: nullLogger, version: '0.0.0' });
}

/** A connected client of the MCP project's own SDK. */
export async function connect(url: string, token: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '0' });
  const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { authorization: `Bearer ${token}` } } });
  await client.connect(transport);
  return client;
}

/** Calls a tool; the client checks structured content against the listed schema. */
export async function call(client: Client, name: string, args: Record<string, unknown> = {}, options: Parameters<Client['callTool']>[2] = {}): Promise<CallToolResult> {
  return (await client.callTool({ name, arguments: args }, undefined, options)) as CallToolResult;
}

/** The text of a result's first content block. */
export function textOf(result: CallToolResult): string {
  const [block] = result.content;
  return block?.type === 'text' ? block.text : '';
}
