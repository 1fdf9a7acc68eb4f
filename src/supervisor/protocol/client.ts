import { connect as connectSocket, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type { Disposable } from '../base/disposable.ts';
import { codeOf, HumanError, type CockpitError } from '../base/errors.ts';
import type { Event } from '../base/event.ts';
import { nullLogger, type Logger } from '../base/logger.ts';
import { notifications as apiNotifications, protocolVersion as apiVersion } from './api.ts';
import { checkVersions, helloMethods, type HelloResult } from './hello.ts';
import type { MethodTable, NotificationTable, ParamsOf, ResultOf } from './methodTable.ts';
import type { Paths } from './paths.ts';
import { Peer } from './peer.ts';
import { checkPrivateDir } from './privateDir.ts';
import type { z } from 'zod';

/** A connection to the supervisor. */
export type Client<M extends MethodTable, N extends NotificationTable = typeof apiNotifications> = Disposable & {
  readonly supervisor: HelloResult;
  /** Rejects with the supervisor's error (HumanError where it was one), 'connection-closed', or at once with the signal's reason. */
  request<K extends keyof M & string>(method: K, params: ParamsOf<M, K>, options?: { signal?: AbortSignal }): Promise<ResultOf<M, K>>;
  onNotification<K extends keyof N & string>(name: K, listener: (params: z.output<N[K]>) => void): Disposable;
  /** The supervisor is gone (or `dispose` was called). */
  readonly onDidClose: Event<CockpitError>;
};

export type ConnectOptions<N extends NotificationTable> = { notifications?: N; protocolVersion?: number; logger?: Logger; helloTimeoutMs?: number };

/**
 * Connects to the supervisor of a data directory. HumanError 'no-supervisor' (exit code 3) when nobody listens, 'supervisor-silent' when it does not answer,
 * 'protocol-mismatch' when one side is older.
 */
export async function connect<const M extends MethodTable, N extends NotificationTable = typeof apiNotifications>(
  paths: Pick<Paths, 'socket'>,
  methods: M,
  clientName: string,
  options: ConnectOptions<N> = {},
): Promise<Client<M, N>> {
  const { protocolVersion = apiVersion, logger = nullLogger, helloTimeoutMs = 5000 } = options;
  // The default of N is the type of this default.
  const notifications = options.notifications ?? (apiNotifications as unknown as N);
  const socket = await openSocket(paths.socket);
  const peer = new Peer<M & typeof helloMethods>(socket, { calls: { ...methods, ...helloMethods }, logger });
  try {
    const supervisor = await greet(peer, protocolVersion, clientName, helloTimeoutMs);
    checkVersions(protocolVersion, supervisor);
    return {
      supervisor,
      request: (method, params, requestOptions) => peer.request(method, params, requestOptions),
      onNotification: (name, listener) => listen(peer, notifications, name, listener, logger),
      onDidClose: peer.onDidClose,
      dispose: () => {
        peer.dispose();
      },
    };
  } catch (error) {
    peer.dispose();
    throw error;
  }
}

function openSocket(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      reject(['ENOENT', 'ENOTDIR', 'ECONNREFUSED'].includes(codeOf(error) ?? '') ? noSupervisor(error) : error);
    };
    try {
      checkPrivateDir(dirname(path));
    } catch (error) {
      fail(error as Error);
      return;
    }
    const socket = connectSocket(path);
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

async function greet(peer: Peer<typeof helloMethods>, protocolVersion: number, client: string, timeoutMs: number): Promise<HelloResult> {
  const silent = new HumanError('supervisor-silent', `The supervisor does not answer within ${timeoutMs / 1000} s: see its log, or end it and run \`cockpit up\`.`);
  const aborter = new AbortController();
  const timer = setTimeout(() => {
    aborter.abort(silent);
  }, timeoutMs);
  try {
    return await peer.request('hello', { protocolVersion, client }, { signal: aborter.signal });
  } catch (error) {
    // It ended between accept and answer: for the caller that is the same as nobody.
    throw codeOf(error) === 'connection-closed' ? noSupervisor(error) : error;
  } finally {
    clearTimeout(timer);
  }
}

function listen<N extends NotificationTable, K extends keyof N & string>(
  peer: Pick<Peer<MethodTable>, 'onNotification'>,
  notifications: N,
  name: K,
  listener: (params: z.output<N[K]>) => void,
  logger: Logger,
): Disposable {
  return peer.onNotification(({ method, params }) => {
    if (method !== name) return;
    const parsed = notifications[name]?.safeParse(params);
    if (parsed?.success) listener(parsed.data as z.output<N[K]>);
    else logger.warn(`a malformed notification ${name} was dropped`, { error: parsed?.error.message ?? 'no schema' });
  });
}

function noSupervisor(cause: unknown): HumanError {
  return new HumanError('no-supervisor', 'No supervisor is running: start it with `cockpit up`.', { cause, exitCode: 3 });
}
