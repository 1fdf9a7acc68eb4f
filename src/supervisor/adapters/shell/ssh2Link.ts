import type { Client, ClientChannel } from 'ssh2';
import { DisposableStore } from '../../base/disposable.ts';
import { messageOf } from '../../base/errors.ts';
import { Emitter } from '../../base/event.ts';
import { ChannelRefused, hangUpScript, type Link } from './link.ts';
import type { RawProcess } from './rawProcess.ts';
import { ConnectError } from './shell.ts';
import { lastLine } from './sshFailure.ts';
import { TailBuffer } from './tailBuffer.ts';

/** How long channels that are being closed may still use the connection after `dispose`. */
const farewellMs = 1000;

/** A logged-in ssh2 client as a `Link`. */
export function ssh2Link(name: string, client: Client): Link {
  const store = new DisposableStore();
  const closed = store.add(new Emitter<ConnectError>());
  const state = { alive: true, channels: 0 };
  const lost = (cause?: unknown) => new ConnectError('lost', `${name}: the connection was lost`, { cause });
  let reason: unknown;
  client.on('error', (error) => {
    reason ??= error; // 'close' follows
  });
  client.on('close', () => {
    state.alive = false;
    closed.fire(lost(reason));
  });
  const startSh = () =>
    new Promise<RawProcess>((resolve, reject) => {
      if (!state.alive) {
        reject(lost());
        return;
      }
      client.exec('exec sh', (error, channel) => {
        if (error) {
          reject(state.alive ? startError(name, error) : lost(error));
          return;
        }
        state.channels += 1;
        channel.once('close', () => {
          state.channels -= 1;
        });
        resolve(rawOf(channel));
      });
    });
  return {
    onDidClose: closed.event,
    startSh,
    isAlive: () => Promise.resolve(state.alive),
    explainEnd: (exitCode, stderr) => Promise.resolve(state.alive ? new ConnectError('failed', `${name}: sh ended with ${exitCode ?? 'a signal'} before it ran anything: ${lastLine(stderr)}`) : lost()),
    async hangUp(pid) {
      const raw = await startSh();
      raw.stdin.end(hangUpScript(pid));
      raw.stdout.resume();
      await raw.exited;
    },
    dispose() {
      store.dispose();
      state.alive = false;
      if (state.channels === 0) client.end();
      else setTimeout(() => client.end(), farewellMs);
    },
  };
}

function startError(name: string, error: Error): ConnectError {
  return /Channel open failure/.test(error.message) ? new ChannelRefused(name) : new ConnectError('failed', `${name}: sh was not started: ${messageOf(error)}`, { cause: error });
}

function rawOf(channel: ClientChannel): RawProcess {
  const tail = new TailBuffer();
  channel.stderr.on('data', (chunk: Buffer) => {
    tail.add(chunk);
  });
  // A write that meets an ended process is no news: `exited` tells it.
  channel.on('error', () => undefined);
  let exitCode: number | null = null;
  channel.on('exit', (code: number | null) => {
    exitCode = code;
  });
  const exited = new Promise<number | null>((resolve) => {
    channel.once('close', () => {
      resolve(exitCode);
    });
  });
  return {
    stdin: channel,
    stdout: channel,
    stderr: () => tail.text(),
    exited,
    close() {
      channel.end();
      channel.unpipe();
      channel.resume(); // an unread channel would never see its end
    },
    kill() {
      channel.close();
    },
  };
}
