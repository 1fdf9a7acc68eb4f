import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP link on loopback that can break in the ways real links do. */
export type Proxy = {
  readonly port: number;
  /** Resets every open connection (RST); new ones are still taken. */
  reset(): void;
  /** Half-open: connections stay, new ones are taken too, and not one byte passes until `resume`. */
  stall(): void;
  resume(): void;
  /** Holds every chunk for `delayMs` on its way, in each direction. */
  delay(delayMs: number): void;
  /** Refuses new connections (after `reset`, the host is gone); `listen` takes them again on the same port. */
  close(): Promise<void>;
  listen(): Promise<void>;
  /** Connections taken so far. */
  readonly accepted: number;
  stop(): Promise<void>;
};

/** Starts a proxy on a free loopback port in front of `targetPort`. */
export async function startProxy(targetPort: number): Promise<Proxy> {
  const open = new Set<Socket>();
  const state = { stalled: false, delayMs: 0, accepted: 0, port: 0 };
  const held: (() => void)[] = [];
  let server: Server | null = null;

  const forward = (from: Socket, to: Socket) => {
    const deliver = (action: () => void) => {
      const now = () => (state.stalled ? held.push(action) : action());
      if (state.delayMs > 0) setTimeout(now, state.delayMs);
      else now();
    };
    from.on('data', (chunk) => deliver(() => {
      if (to.writable) to.write(chunk);
    }));
    from.on('end', () => deliver(() => to.end()));
    from.on('error', () => to.destroy()); // a broken end breaks the other: this is what a link does
    from.on('close', () => open.delete(from));
    open.add(from);
  };
  const listen = async () => {
    if (server) return;
    const next = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      state.accepted += 1;
      const upstream = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
      forward(client, upstream);
      forward(upstream, client);
    });
    await new Promise<void>((resolve, reject) => {
      next.once('error', reject);
      next.listen(state.port, '127.0.0.1', resolve);
    });
    state.port = (next.address() as AddressInfo).port;
    server = next;
  };
  const reset = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  const close = async () => {
    const old = server;
    server = null;
    if (!old) return;
    const closed = new Promise((resolve) => old.close(resolve));
    reset();
    await closed;
  };
  await listen();
  return {
    get port() {
      return state.port;
    },
    get accepted() {
      return state.accepted;
    },
    reset,
    close,
    listen,
    stall: () => void (state.stalled = true),
    resume() {
      state.stalled = false;
      for (const action of held.splice(0)) action();
    },
    delay: (delayMs) => void (state.delayMs = delayMs),
    stop: close,
  };
}
