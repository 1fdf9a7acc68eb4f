import type { z } from 'zod';
import type { BackendPort } from '../mcp/reconnectingPort.ts';
import { parseAs } from '../supervisor/protocol/methodTable.ts';
import { api } from '../supervisor/protocol/api.ts';
import { connect } from '../supervisor/protocol/client.ts';
import type { Paths } from '../supervisor/protocol/paths.ts';
import { sessionTools, type SessionToolName, type ToolInput, type ToolOutput } from '../supervisor/protocol/sessionTools.ts';
import type { CockpitClient } from './client.ts';

/**
 * Opens connections to the supervisor that are bound to one session. The name is looked up once: later connections ask for the id that it had,
 * so that another session which got the name meanwhile is never reached (MCP-1).
 */
export function boundPorts(paths: Pick<Paths, 'socket'>, session: string): () => Promise<BackendPort> {
  let wanted = session;
  return async () => {
    const client = await connect(paths, api, 'mcp');
    try {
      wanted = (await client.request('grant/bind', { session: wanted })).session;
      return portOn(client);
    } catch (error) {
      client.dispose();
      throw error;
    }
  };
}

function portOn(client: CockpitClient): BackendPort {
  return {
    async call<N extends SessionToolName>(tool: N, input: ToolInput<N>, { signal, meta }: { signal: AbortSignal; meta: Record<string, string> }): Promise<ToolOutput<N>> {
      const { output } = await client.request('tool/call', { tool, input, meta }, { signal });
      const schema: z.ZodType = sessionTools[tool].output;
      return parseAs(schema, output, 'malformed-result', `result of ${tool}`) as ToolOutput<N>;
    },
    onDidClose: client.onDidClose,
    dispose: () => {
      client.dispose();
    },
  };
}
