import { FakePort } from './fakePort.ts';
import { serve } from './mcpClient.ts';

// An MCP server in a process of its own, so that a test can stop it; prints its URL.
const server = await serve({ token: new FakePort() });
console.log(server.url);
