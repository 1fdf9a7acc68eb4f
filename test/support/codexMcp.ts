import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

/** A small MCP server on loopback with a few of the session's tools. */
export type TestMcp = { url: string; port: number; token: string; /** texts that `send_text` got */ sent: string[]; close(): Promise<void> };

/** Starts it (`port` 0: any free one); every request must carry `token`. */
export async function startTestMcp(token: string, port = 0): Promise<TestMcp> {
  const sent: string[] = [];
  const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
    void serve(request, response, token, sent);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}/mcp`, port: address.port, token, sent, close: () => closeAll(server) };
}

async function serve(request: IncomingMessage, response: ServerResponse, token: string, sent: string[]): Promise<void> {
  if (request.headers.authorization !== `Bearer ${token}`) return void response.writeHead(401).end();
  if (request.method !== 'POST') return void response.writeHead(405).end();
  const transport = new StreamableHTTPServerTransport({});
  const tools = toolServer(sent);
  response.on('close', () => {
    void transport.close();
    void tools.close();
  });
  await tools.connect(transport);
  await transport.handleRequest(request, response);
}

function toolServer(sent: string[]): McpServer {
  const server = new McpServer({ name: 'cockpit', version: '0.0.0' });
  server.registerTool('session_status', { description: 'Status', inputSchema: {}, annotations: { readOnlyHint: true } }, () => text('mode idle'));
  server.registerTool('send_text', { description: 'Type', inputSchema: { text: z.string() }, annotations: { destructiveHint: true, openWorldHint: true } }, (input) => {
    sent.push(input.text);
    return text(`sent:${input.text}`);
  });
  return server;
}

function text(value: string): { content: { type: 'text'; text: string }[] } {
  return { content: [{ type: 'text', text: value }] };
}

function closeAll(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => { resolve(); });
    server.closeAllConnections();
  });
}
