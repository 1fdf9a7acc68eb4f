import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js';
import type { CallToolResult, ServerNotification, ServerRequest } from '@modelcontextprotocol/sdk/types.js';
import type { z } from 'zod';
import { delay } from '../supervisor/base/clock.ts';
import { codeOf, HumanError, messageOf } from '../supervisor/base/errors.ts';
import { nullLogger, type Logger } from '../supervisor/base/logger.ts';
import { sessionTools, type SessionPort, type SessionToolName, type ToolInput } from '../supervisor/protocol/sessionTools.ts';
import { plainText } from './remoteText.ts';
import { requestMeta } from './requestMeta.ts';
import { toolError, toolResult } from './toolResult.ts';
import { serverInstructions, toolTable } from './tools.ts';

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;

/** `closing` aborts when the supervisor is about to go: calls that still run are then answered. */
export type SessionServerOptions = { version: string; logger?: Logger; closing?: AbortSignal };

/** How long a call may still end by itself after `closing`. */
const closingGraceMs = 300;
const maxProgressChars = 500;

/** An MCP server with the tools of one session and nothing else; connect it to one transport. */
export function createSessionServer(port: SessionPort, options: SessionServerOptions): McpServer {
  const server = new McpServer({ name: 'cockpit', title: 'Cockpit session', version: options.version }, { instructions: serverInstructions });
  const logger = options.logger ?? nullLogger;
  server.server.onerror = (error) => {
    logger.debug('mcp protocol error', { error: messageOf(error) });
  };
  for (const name of Object.keys(sessionTools) as SessionToolName[]) registerTool(server, port, name, { ...options, logger });
  // The table never changes while a server lives, and stateless HTTP could not tell.
  server.server.registerCapabilities({ tools: { listChanged: false } });
  return server;
}

function registerTool(server: McpServer, port: SessionPort, name: SessionToolName, options: SessionServerOptions & { logger: Logger }): void {
  const { title, description, annotations } = toolTable[name];
  const inputSchema: z.ZodObject = sessionTools[name].input;
  const outputSchema: z.ZodObject = sessionTools[name].output;
  server.registerTool(name, { title, description, annotations, inputSchema, outputSchema }, (input: unknown, extra: Extra) =>
    runTool(port, name, input as ToolInput<typeof name>, extra, options),
  );
}

async function runTool<N extends SessionToolName>(port: SessionPort, tool: N, input: ToolInput<N>, extra: Extra, options: SessionServerOptions & { logger: Logger }): Promise<CallToolResult> {
  const { closing, logger } = options;
  const signal = closing ? AbortSignal.any([extra.signal, closing]) : extra.signal;
  const ended = new AbortController();
  try {
    const call = port.call(tool, input, { signal, meta: requestMeta(extra._meta), progress: progressSender(extra, logger) });
    return toolResult(tool, await (closing ? Promise.race([call, rejectAfterClosing(closing, ended.signal)]) : call));
  } catch (error) {
    if (error instanceof HumanError) return toolError(error.message);
    if (closing?.aborted) return toolError(`The cockpit supervisor is restarting. ${afterLoss(tool)}`);
    if (extra.signal.aborted) return toolError('The call was cancelled.');
    logger.error('tool failed', { tool, code: codeOf(error) ?? 'none', error: messageOf(error) });
    return toolError(`Cockpit could not finish ${tool} because of a fault of its own. ${afterLoss(tool)} If it happens again, tell the operator to run cockpit doctor.`);
  } finally {
    ended.abort();
  }
}

/** What to do after a call of which no answer came: a read can simply be called again, a write may have happened. */
export function afterLoss(tool: SessionToolName): string {
  return toolTable[tool].annotations.readOnlyHint ? `Nothing was changed; call ${tool} again in a few seconds.` : 'The outcome of this call is unknown: call session_status before you retry.';
}

async function rejectAfterClosing(closing: AbortSignal, ended: AbortSignal): Promise<never> {
  const either = AbortSignal.any([closing, ended]);
  if (!either.aborted) await new Promise((resolve) => { either.addEventListener('abort', resolve, { once: true }); });
  await delay(closingGraceMs, ended);
  throw new Error('closing');
}

/** Sends progress if the caller gave a token for it; it is for show, so one that cannot be delivered is only logged. */
function progressSender(extra: Extra, logger: Logger): (message: string) => void {
  const progressToken = extra._meta?.progressToken;
  let progress = 0;
  return (message) => {
    if (progressToken === undefined || extra.signal.aborted) return;
    progress += 1;
    extra.sendNotification({ method: 'notifications/progress', params: { progressToken, progress, message: plainText(message).slice(0, maxProgressChars) } }).catch((error: unknown) => {
      logger.debug('progress not delivered', { error: messageOf(error) });
    });
  };
}
