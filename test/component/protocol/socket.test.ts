import assert from 'node:assert/strict';
import { chmod, lstat, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { codeOf, HumanError } from '../../../src/supervisor/base/errors.ts';
import { DisposableStore } from '../../../src/supervisor/base/disposable.ts';
import { createLogger } from '../../../src/supervisor/base/logger.ts';
import { connect, type ConnectOptions } from '../../../src/supervisor/protocol/client.ts';
import type { Handlers } from '../../../src/supervisor/protocol/methodTable.ts';
import { pathsOf, type Paths } from '../../../src/supervisor/protocol/paths.ts';
import { listen, type Call, type Connection, type ServerOptions } from '../../../src/supervisor/protocol/server.ts';
import { until } from '../../support/until.ts';

const methods = {
  who: { params: z.object({}), result: z.object({ id: z.number(), client: z.string() }) },
  subscribe: { params: z.object({}), result: z.number() },
  hang: { params: z.object({}), result: z.null() },
  refuse: { params: z.object({}), result: z.null() },
} as const;
const notifications = { changed: z.object({ seq: z.number(), text: z.string() }) } as const;

describe('the supervisor socket', () => {
  let dir: string;
  let paths: Paths;
  let opened: DisposableStore;
  let logged: string[];
  let subscribers: Set<Connection>;
  let hanging: AbortSignal[];
  let seq: number;

  const handlers: Handlers<typeof methods, Call> = {
    who: (_params, { connection }) => ({ id: connection.id, client: connection.client }),
    subscribe: (_params, { connection }) => {
      subscribers.add(connection);
      return seq;
    },
    hang: (_params, { signal }) =>
      new Promise((_resolve, reject) => {
        hanging.push(signal);
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      }),
    refuse: () => {
      throw new HumanError('no-session', 'There is no such session: see `cockpit status`.', { exitCode: 2 });
    },
  };
  const serve = async (options: Partial<ServerOptions<typeof methods, typeof notifications>> = {}) =>
    opened.add(
      await listen(paths.socket, {
        methods,
        notifications,
        handlers,
        owner: 'cli',
        leadership: { isHeld: true },
        logger: createLogger((line) => logged.push(line)),
        protocolVersion: 1,
        ...options,
      }),
    );
  const join_ = async (name = 'test', options: ConnectOptions<typeof notifications> = {}) => opened.add(await connect(paths, methods, name, { notifications, protocolVersion: 1, ...options }));
  const rawSocket = async (): Promise<{ socket: Socket; text: () => string }> => {
    const socket = connectSocket(paths.socket);
    opened.add({ dispose: () => void socket.destroy() });
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await until(() => !socket.connecting);
    return { socket, text: () => text };
  };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'ck-'));
    paths = pathsOf(dir);
    opened = new DisposableStore();
    [logged, subscribers, hanging, seq] = [[], new Set(), [], 0];
  });
  afterEach(async () => {
    opened.dispose();
    await rm(dir, { recursive: true });
  });
  const isHuman = (code: string, exitCode: number, wanted: RegExp) => (error: unknown) =>
    error instanceof HumanError && error.code === code && error.exitCode === exitCode && wanted.test(error.message);

  it('CTL-2 many clients ask; errors for a person keep their exit code', async () => {
    await serve();
    const clients = await Promise.all(['cli', 'vscode', 'mcp'].map((name) => join_(name)));
    assert.deepEqual(await Promise.all(clients.map(async (client) => (await client.request('who', {})).client)), ['cli', 'vscode', 'mcp']);
    const [client] = clients;
    assert.deepEqual(client?.supervisor, { protocolVersion: 1, pid: process.pid, owner: 'cli' });
    await assert.rejects(client.request('refuse', {}), isHuman('no-session', 2, /see `cockpit status`/));
  });

  it('CONF-1 the socket is 0600 in a 0700 folder, and nothing else is left beside it', async () => {
    await serve();
    assert.equal((await lstat(paths.socket)).mode & 0o777, 0o600);
    assert.equal((await lstat(dirname(paths.socket))).mode & 0o777, 0o700);
    assert.deepEqual(await readdir(dirname(paths.socket)), ['sock']);
  });

  it('CONF-1 a folder that others can enter is refused by both sides', async () => {
    await mkdir(dirname(paths.socket), { recursive: true });
    await chmod(dirname(paths.socket), 0o755);
    await assert.rejects(serve(), isHuman('dir-not-private', 2, /chmod 700/));
    await assert.rejects(join_(), isHuman('dir-not-private', 2, /chmod 700/));
  });

  it('CTL-2 nobody listens: exit code 3 and what to do; so too for what a dead supervisor left', async () => {
    const isNobody = isHuman('no-supervisor', 3, /`cockpit up`/);
    await assert.rejects(join_(), isNobody);
    await mkdir(dirname(paths.socket), { recursive: true, mode: 0o700 });
    await writeFile(paths.socket, '');
    await assert.rejects(join_(), isNobody);
    const hangsUp = createServer((socket) => socket.destroy());
    await rm(paths.socket);
    await new Promise<void>((resolve) => void hangsUp.listen(paths.socket, resolve));
    opened.add({ dispose: () => void hangsUp.close() });
    await assert.rejects(join_(), isNobody);
  });

  it('REL-1 a supervisor that accepts but says nothing is named', async () => {
    await mkdir(dirname(paths.socket), { recursive: true, mode: 0o700 });
    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => void mute.listen(paths.socket, resolve));
    opened.add({ dispose: () => void mute.close() });
    opened.add({ dispose: () => sockets.forEach((socket) => socket.destroy()) });
    await assert.rejects(join_('test', { helloTimeoutMs: 50 }), isHuman('supervisor-silent', 1, /does not answer/));
  });

  it('REL-3 only the leader listens; its successor takes the place of a socket that was left, and the first does not remove it', async () => {
    await assert.rejects(serve({ leadership: { isHeld: false } }), (error) => codeOf(error) === 'not-leader');
    const first = await serve();
    const old = await join_();
    await serve({ owner: 'standby' });
    first.dispose();
    await assert.rejects(old.request('who', {}), (error) => codeOf(error) === 'connection-closed');
    assert.equal((await join_()).supervisor.owner, 'standby');
  });

  it('REL-3 the end of the server closes its clients and removes the socket', async () => {
    const server = await serve();
    const client = await join_();
    let closed = false;
    client.onDidClose(() => (closed = true));
    server.dispose();
    await until(() => closed);
    await assert.rejects(join_(), isHuman('no-supervisor', 3, /./));
    await assert.rejects(lstat(paths.socket), (error) => codeOf(error) === 'ENOENT');
  });

  it('VSC-1 versions that differ: each side is told which one to update', async () => {
    await serve({ protocolVersion: 2 });
    await assert.rejects(join_('old', { protocolVersion: 1 }), isHuman('protocol-mismatch', 1, /speaks protocol 2, this cockpit speaks 1\. Update this cockpit\./));
    await assert.rejects(join_('new', { protocolVersion: 3 }), isHuman('protocol-mismatch', 1, new RegExp(`Update the supervisor: end it with \`kill ${process.pid}\` and run \`cockpit up\``)));
    const { socket, text } = await rawSocket();
    socket.write('{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocolVersion":1,"client":"old"}}\n{"jsonrpc":"2.0","id":2,"method":"who"}\n');
    await until(() => text().split('\n').length === 3);
    assert.match(text(), /"id":1,"result":\{"protocolVersion":2[^]*"id":2,"error".*protocol-mismatch/);
  });

  it('REL-3 nothing is answered before hello, and garbage does not end the server', async () => {
    await serve();
    const { socket, text } = await rawSocket();
    socket.write('\u0000\n{"jsonrpc":"2.0","id":1,"method":"who"}\n{"jsonrpc":"2.0","id":2,"method":"hello","params":{}}\n');
    await until(() => text().split('\n').length === 4);
    assert.match(text(), /-32700[^]*"id":1.*hello-first[^]*"id":2.*invalid-params/);
    socket.destroy();
    assert.equal((await (await join_()).request('who', {})).client, 'test');
  });

  it('MCP-2 a cancelled call and a client that is gone abort the handler', async () => {
    await serve();
    const client = await join_();
    const aborter = new AbortController();
    const cancelled = client.request('hang', {}, { signal: aborter.signal });
    const lost = client.request('hang', {});
    await until(() => hanging.length === 2);
    aborter.abort(new Error('enough'));
    await assert.rejects(cancelled, /enough/);
    await until(() => hanging[0]?.aborted);
    assert.equal(hanging[1]?.aborted, false);
    client.dispose();
    await assert.rejects(lost, (error) => codeOf(error) === 'connection-closed');
    await until(() => hanging[1]?.aborted);
  });

  it('VSC-2 changes reach those that subscribed, in order', async () => {
    const server = await serve();
    const [first, second] = [await join_('first'), await join_('second')];
    const seen: number[] = [];
    let others = 0;
    first.onNotification('changed', (change) => seen.push(change.seq));
    second.onNotification('changed', () => others++);
    seq = 5;
    assert.equal(await first.request('subscribe', {}), 5);
    for (let n = 6; n < 300; n++) server.broadcast('changed', { seq: n, text: 'x'.repeat(1000) }, (connection) => subscribers.has(connection));
    await until(() => seen.length === 294);
    assert.deepEqual(seen, Array.from({ length: 294 }, (_, n) => n + 6));
    server.broadcast('changed', { seq: 300, text: '' });
    await until(() => others === 1);
    assert.throws(() => server.broadcast('changed', { seq: 'x', text: '' } as unknown as { seq: number; text: string }), (error) => codeOf(error) === 'invalid-params');
  });

  it('REL-4 a client that does not read is dropped with a log line; the others do not notice', async () => {
    const server = await serve();
    const good = await join_('good');
    let seen = 0;
    good.onNotification('changed', () => seen++);
    const { socket } = await rawSocket();
    socket.write('{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocolVersion":1,"client":"stuck"}}\n');
    await until(() => server.connections.size === 2);
    socket.pause();
    const sentMb = 16;
    for (let n = 1; n <= sentMb; n++) {
      server.broadcast('changed', { seq: n, text: 'x'.repeat(1024 * 1024) });
      await until(() => seen === n);
    }
    assert.deepEqual([...server.connections].map((connection) => connection.client), ['good']);
    assert.deepEqual(logged.filter((line) => line.includes('a client was dropped') && line.includes('client="stuck"')).length, 1);
  });
});
