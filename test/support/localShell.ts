import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Emitter } from '../../src/supervisor/base/event.ts';
import type { Channel, ChannelExit, ConnectError, Shell } from '../../src/supervisor/adapters/shell/shell.ts';

/** A real `sh` per script, with the start protocol of the product and nothing else: a stand-in for tests of what runs on a shell. */
export function localShell(): Shell {
  const closed = new Emitter<ConnectError>();
  const children = new Set<ChildProcessWithoutNullStreams>();
  const start = (script: string): ChildProcessWithoutNullStreams => {
    const child = spawn('sh', [], { stdio: 'pipe' });
    children.add(child);
    child.once('close', () => children.delete(child));
    child.stdin.on('error', () => undefined);
    child.stdin.write(script);
    return child;
  };
  return {
    connect: () => Promise.resolve(),
    async open(script) {
      const marker = randomBytes(8).toString('hex');
      const child = start(`printf '\\n%s\\n' ${marker}\n`);
      await markerRead(child, marker);
      child.stdin.write(`${script}\n`);
      return channelOf(child);
    },
    async run(script, options = {}) {
      const child = start(`${script}\n`);
      const stdout: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
      child.stdin.end(options.input);
      const exit = await exitOf(child);
      return { ...exit, stdout: Buffer.concat(stdout) };
    },
    attachArgv: (remoteCommand) => ['sh', '-c', remoteCommand],
    onDidClose: closed.event,
    dispose() {
      for (const child of children) child.kill();
    },
  };
}

function channelOf(child: ChildProcessWithoutNullStreams): Channel {
  return { stdin: child.stdin, stdout: child.stdout, exited: exitOf(child), dispose: () => void child.kill() };
}

function exitOf(child: ChildProcessWithoutNullStreams): Promise<ChannelExit> {
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => {
    child.once('close', (exitCode) => {
      resolve({ exitCode, stderr });
    });
  });
}

function markerRead(child: ChildProcessWithoutNullStreams, marker: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let seen = '';
    const onData = (chunk: Buffer) => {
      seen += chunk.toString();
      if (!seen.includes(`${marker}\n`)) return;
      child.stdout.off('data', onData);
      child.stdout.pause();
      resolve();
    };
    child.stdout.on('data', onData);
    child.once('close', () => {
      reject(new Error('sh ended early'));
    });
  });
}
