import { chmodSync, lstatSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { z } from 'zod';
import type { Disposable } from '../base/disposable.ts';
import { CockpitError, codeOf } from '../base/errors.ts';
import type { Event } from '../base/event.ts';
import type { Logger } from '../base/logger.ts';
import { protocolVersion as apiVersion } from './api.ts';
import { checkVersions, helloMethods, type HelloResult, type SupervisorOwner } from './hello.ts';
import { encodeMessage } from './jsonRpc.ts';
import { dispatch, parseAs, type Handlers, type MethodTable, type NotificationTable } from './methodTable.ts';
import { Peer } from './peer.ts';
import { ensurePrivateDir } from './privateDir.ts';

/** One client; the same object for its whole life, so it can be the key of a WeakMap. */
export type Connection = {
  readonly id: number;
  /** What the client calls itself: `cli`, `vscode`, `mcp`… */
  readonly client: string;
  readonly onDidClose: Event<CockpitError>;
};

/** What a handler knows of its request. */
export type Call = { readonly signal: AbortSignal; readonly connection: Connection };

export type ServerOptions<M extends MethodTable, N extends NotificationTable> = {
  methods: M;
  notifications: N;
  handlers: Handlers<M, Call>;
  owner: SupervisorOwner;
  /** Proof that this process leads the data directory: only then may it take the socket's place. */
  leadership: { readonly isHeld: boolean };
  logger: Logger;
  protocolVersion?: number;
  maxBehindBytes?: number;
};

/** The supervisor's socket. */
export type Server<N extends NotificationTable> = Disposable & {
  readonly connections: ReadonlySet<Connection>;
  /** Tells every greeted client, or those that `wants` picks. A client that is too far behind is dropped. */
  broadcast<K extends keyof N & string>(name: K, params: z.input<N[K]>, wants?: (connection: Connection) => boolean): void;
};

/** Listens on the socket (0600 in a 0700 folder), in place of whatever a dead supervisor left there. Close it before the leadership is released. */
export async function listen<const M extends MethodTable, const N extends NotificationTable>(socketPath: string, options: ServerOptions<M, N>): Promise<Server<N>> {
  if (!options.leadership.isHeld) throw new CockpitError('not-leader', 'only the holder of the leadership may listen');
  ensurePrivateDir(dirname(socketPath));
  const clients = new Map<Connection, Peer<MethodTable>>();
  let nextId = 1;
  const net = createServer((socket) => {
    accept(socket, nextId++, clients, options);
  });
  net.on('error', (error) => {
    options.logger.error('the client socket failed', { error: error.message });
  });
  const inode = await bind(net, socketPath);
  return {
    get connections() {
      return new Set(clients.keys());
    },
    broadcast(name, params, wants = () => true) {
      const schema = options.notifications[name];
      if (!schema) throw new CockpitError('method-not-found', `there is no notification ${name}`);
      const line = encodeMessage({ kind: 'notification', method: name, params: parseAs(schema, params, 'invalid-params', `parameters of ${name}`) });
      for (const [connection, peer] of [...clients]) if (wants(connection)) peer.send(line);
    },
    dispose() {
      removeOwn(socketPath, inode);
      net.close();
      for (const peer of [...clients.values()]) peer.dispose();
    },
  };
}

/**
 * Binds under a temporary name, sets the mode and moves the socket into place: there is no moment with a wrong mode or without a socket,
 * and Node, which unlinks the bound name on close, can never remove the socket of a successor. Returns its inode.
 */
async function bind(net: NetServer, socketPath: string): Promise<number> {
  const temporary = `${socketPath}.${process.pid}`;
  rmSync(temporary, { force: true });
  await new Promise<void>((resolve, reject) => {
    net.once('error', reject);
    net.listen(temporary, () => {
      net.off('error', reject);
      resolve();
    });
  });
  chmodSync(temporary, 0o600);
  const { ino } = lstatSync(temporary);
  renameSync(temporary, socketPath);
  return ino;
}

function removeOwn(socketPath: string, inode: number): void {
  try {
    if (lstatSync(socketPath).ino === inode) unlinkSync(socketPath);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function accept<M extends MethodTable, N extends NotificationTable>(socket: Socket, id: number, clients: Map<Connection, Peer<MethodTable>>, options: ServerOptions<M, N>): void {
  const { logger, protocolVersion = apiVersion } = options;
  const own: HelloResult = { protocolVersion, pid: process.pid, owner: options.owner };
  let greeting: { connection: Connection; version: number } | null = null;

  const peer = new Peer<MethodTable>(socket, {
    calls: {},
    logger,
    ...(options.maxBehindBytes === undefined ? {} : { maxBehindBytes: options.maxBehindBytes }),
    serve: (method, params, signal) => {
      if (method === 'hello') return greet(params);
      if (!greeting) throw new CockpitError('hello-first', 'the first request has to be hello');
      checkVersions(greeting.version, own);
      return dispatch(options.methods, options.handlers, method, params, { signal, connection: greeting.connection });
    },
  });

  const greet = (params: unknown): HelloResult => {
    const { client, protocolVersion: version } = parseAs(helloMethods.hello.params, params, 'invalid-params', 'parameters of hello');
    if (greeting) throw new CockpitError('invalid-request', 'hello was said already');
    const connection: Connection = { id, client, onDidClose: peer.onDidClose };
    greeting = { connection, version };
    if (version === protocolVersion) clients.set(connection, peer);
    return own;
  };

  peer.onDidClose((error) => {
    if (greeting) clients.delete(greeting.connection);
    if (error.code !== 'connection-closed') logger.warn('a client was dropped', { id, client: greeting?.connection.client ?? null, error: error.message });
  });
}
