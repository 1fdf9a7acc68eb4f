import { serveStdio } from '../../mcp/stdio.ts';
import { HumanError } from '../../supervisor/base/errors.ts';
import { createLogger } from '../../supervisor/base/logger.ts';
import { version } from '../../supervisor/protocol/version.ts';
import { pathsFor, type GlobalOptions } from '../context.ts';
import { boundPorts } from '../boundPort.ts';

/** `cockpit mcp --session HOST/NAME`: the session's tools on stdio until the client ends it; stdout belongs to MCP (MCP-1). */
export async function mcp(options: GlobalOptions, session: string): Promise<void> {
  if (!/^[^/]+\/./.test(session)) throw new HumanError('bad-session', `${JSON.stringify(session)} is not a session: write HOST/NAME or HOST/$ID, as \`cockpit status\` shows them.`, { exitCode: 2 });
  const logger = createLogger((line) => process.stderr.write(`${line}\n`));
  await serveStdio(boundPorts(pathsFor(options), session), { input: process.stdin, output: process.stdout }, { version, logger });
}
