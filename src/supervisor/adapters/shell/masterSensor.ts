import { unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Disposable } from '../../base/disposable.ts';
import { codeOf } from '../../base/errors.ts';
import { Emitter, type Event } from '../../base/event.ts';

/** A master that does not greet within this time is stopped or broken. */
const helloTimeoutMs = 3000;
/** What a connect meets where a master ended, ends just now, or hangs. */
const deadSocketCodes: readonly string[] = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EHUNG'];
/** MUX_MSG_HELLO of OpenSSH's PROTOCOL.mux. */
const helloType = 1;

/** An open connection to a master's control socket: it costs the remote nothing, and ends in the moment in which the master ends. */
export type MasterSensor = Disposable & { readonly onDidClose: Event<void> };

/** Watches the ControlMaster at `path`, or gives null when none is there. A socket that nobody serves any more is removed. */
export async function watchMaster(path: string): Promise<MasterSensor | null> {
  try {
    return await greet(path);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return null;
    if (!deadSocketCodes.includes(code ?? '')) throw error;
    await unlink(path).catch((cause: unknown) => {
      if (codeOf(cause) !== 'ENOENT') throw cause;
    });
    return null;
  }
}

function greet(path: string): Promise<MasterSensor> {
  return new Promise((resolve, reject) => {
    const closed = new Emitter<void>();
    const socket = connect(path);
    const hung = setTimeout(() => {
      socket.destroy(Object.assign(new Error(`no greeting from the ssh master at ${path}`), { code: 'EHUNG' }));
    }, helloTimeoutMs);
    let greeted = false;
    let lastError: Error | null = null;
    socket.on('data', (chunk: Buffer) => {
      if (greeted) return;
      clearTimeout(hung);
      if (chunk.length < 8 || chunk.readUInt32BE(4) !== helloType) {
        socket.destroy(new Error(`${path} is not the socket of an ssh master`));
        return;
      }
      greeted = true;
      resolve({
        onDidClose: closed.event,
        dispose() {
          closed.dispose();
          socket.destroy();
        },
      });
    });
    socket.on('error', (error) => {
      lastError = error;
    });
    socket.on('close', () => {
      clearTimeout(hung);
      if (greeted) closed.fire();
      else reject(lastError ?? Object.assign(new Error(`the ssh master at ${path} is ending`), { code: 'ECONNREFUSED' }));
    });
  });
}
