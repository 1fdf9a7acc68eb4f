import type { Readable, Writable } from 'node:stream';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Logger } from '../supervisor/base/logger.ts';
import { ReconnectingPort, type BackendPort } from './reconnectingPort.ts';
import { createSessionServer } from './sessionServer.ts';

export type StdioStreams = { input: Readable; output: Writable };
export type StdioOptions = { version: string; /** Must not write to `output`. */ logger: Logger; /** See ReconnectOptions. */ graceMs?: number };

/** Serves one session's tools on a pair of streams until the client ends them; lives on while the supervisor is away and connects at the first call. */
export async function serveStdio(connectPort: () => Promise<BackendPort>, streams: StdioStreams, options: StdioOptions): Promise<void> {
  const { version, logger, graceMs } = options;
  const port = new ReconnectingPort({ connect: connectPort, logger, ...(graceMs === undefined ? {} : { graceMs }) });
  const ended = endOf(streams);
  const server = createSessionServer(port, { version, logger });
  try {
    await server.connect(new StdioServerTransport(streams.input, streams.output));
    await ended;
  } finally {
    port.dispose();
    await server.close();
  }
}

/** The client is gone when its end of either stream is; nothing is left to tell it then. */
function endOf({ input, output }: StdioStreams): Promise<void> {
  return new Promise((resolve) => {
    const onEnd = () => { resolve(); };
    for (const event of ['end', 'close', 'error']) input.once(event, onEnd);
    for (const event of ['close', 'error']) output.once(event, onEnd);
  });
}
