import { connect, createServer, type AddressInfo } from 'node:net';

/** A TCP connection to an echo on loopback, both ends in this process: what any round trip costs at least. */
export type Echo = { roundTrip(): Promise<void>; stop(): void };

/** Starts it. */
export async function startEcho(): Promise<Echo> {
  const server = createServer({ noDelay: true }, (socket) => socket.pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const socket = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', noDelay: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return {
    roundTrip: () =>
      new Promise((resolve) => {
        socket.once('data', () => { resolve(); });
        socket.write('x');
      }),
    stop() {
      socket.destroy();
      server.close();
    },
  };
}
