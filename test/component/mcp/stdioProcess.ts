import { nullLogger } from '../../../src/supervisor/base/logger.ts';
import { Emitter } from '../../../src/supervisor/base/event.ts';
import { serveStdio } from '../../../src/mcp/stdio.ts';
import { FakePort } from './fakePort.ts';

// What `cockpit mcp` does, with a session in memory instead of a connection to the supervisor.
const port = new FakePort();
const closed = new Emitter<undefined>();
const connect = () => Promise.resolve({ call: port.call.bind(port), onDidClose: closed.event, dispose: () => { closed.fire(undefined); } });
await serveStdio(connect, { input: process.stdin, output: process.stdout }, { version: '0', logger: nullLogger });
