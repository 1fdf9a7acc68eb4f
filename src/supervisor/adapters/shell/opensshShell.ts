import { mkdir } from 'node:fs/promises';
import type { HostConfig } from '../../domain/config.ts';
import { messageOf } from '../../base/errors.ts';
import { Emitter } from '../../base/event.ts';
import { ChannelRefused, hangUpScript, type Dialer, type Link } from './link.ts';
import { LinkedShell } from './linkedShell.ts';
import { watchMaster, type MasterSensor } from './masterSensor.ts';
import { channelArgv, firstLinkControlSlots, masterArgv, masterPath, viewerArgv } from './opensshArgv.ts';
import { findEncryptedKey } from './privateKeys.ts';
import { spawnRaw, type RawProcess } from './rawProcess.ts';
import { ConnectError, type Shell } from './shell.ts';
import type { ShellContext } from './shellContext.ts';
import { classifySshFailure, lastLine } from './sshFailure.ts';
import { readSshSettings } from './sshSettings.ts';

/** Over ssh's own ConnectTimeout: what may still hang behind it is the handshake. */
const masterTimeoutMs = 30_000;
/** ssh's exit code for its own failures, for a remote signal, and for a remote 255. */
const sshFailed = 255;

/** A host over the operator's own `ssh`: ControlMasters that outlive this process, and mux clients on them (DISC-1). */
export function createOpensshShell(host: HostConfig, context: ShellContext): Shell {
  return new LinkedShell(opensshDialer(host, context), context.logger);
}

function opensshDialer(host: HostConfig, context: ShellContext): Dialer {
  return {
    name: host.alias,
    // sshd gives the agent socket of a viewer to every later channel of the same connection (DISC-8)
    prelude: 'unset SSH_AUTH_SOCK\n',
    slots: (index) => (index === 0 ? firstLinkControlSlots : 10),
    attachArgv: (command, lane) => viewerArgv(host, context, command, lane),
    async dial(index, signal) {
      const path = masterPath(host, context, index, 'c');
      let sensor = await watchMaster(path);
      if (!sensor) {
        await mkdir(context.mastersDir, { recursive: true, mode: 0o700 });
        await makeMaster(host, context, path, signal);
        sensor = await watchMaster(path);
      }
      if (!sensor) throw new ConnectError('failed', `${host.alias}: ssh connected, but left no master at ${path}`);
      return opensshLink(host, context, path, sensor);
    },
  };
}

async function makeMaster(host: HostConfig, context: ShellContext, path: string, signal: AbortSignal): Promise<void> {
  // C: the messages are read; a session's own locale is not touched, for this one only runs `true`
  const env = { ...sshEnv(context), LC_ALL: 'C' };
  signal.throwIfAborted();
  const child = await spawnSsh(host, masterArgv(host, context, path, 'background'), env);
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort();
    child.kill();
  }, masterTimeoutMs);
  const onAbort = () => {
    child.kill();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  // It may have come while the program started: a master that nobody knows would stay.
  if (signal.aborted) onAbort();
  child.stdin.end();
  child.stdout.resume();
  const exitCode = await child.exited;
  clearTimeout(timer);
  signal.removeEventListener('abort', onAbort);
  signal.throwIfAborted();
  if (late.signal.aborted) throw new ConnectError('unreachable', `${host.alias}: the login did not end within ${masterTimeoutMs / 1000} s`);
  if (exitCode === 0) return;
  const encryptedKey = child.stderr().includes('Permission denied') ? await findEncryptedKey(await readSshSettings(host, context)) : null;
  throw classifySshFailure(host.alias, child.stderr(), encryptedKey);
}

function opensshLink(host: HostConfig, context: ShellContext, path: string, sensor: MasterSensor): Link {
  const closed = new Emitter<ConnectError>();
  const lost = () => new ConnectError('lost', `${host.alias}: the connection was lost`);
  sensor.onDidClose(() => {
    closed.fire(lost());
  });
  const isAlive = async () => {
    const probe = await watchMaster(path);
    probe?.dispose();
    return probe !== null;
  };
  const startSh = async (): Promise<RawProcess> => {
    const raw = await spawnSsh(host, channelArgv(host, context, path), sshEnv(context));
    return { ...raw, exited: raw.exited.then((code) => (code === sshFailed ? null : code)) };
  };
  return {
    onDidClose: closed.event,
    isAlive,
    startSh,
    dispose() {
      closed.dispose();
      sensor.dispose();
    },
    async explainEnd(exitCode, stderr) {
      if (/Session open refused|session request failed/.test(stderr)) return new ChannelRefused(host.alias);
      if (exitCode === null && !(await isAlive())) return lost();
      return new ConnectError('failed', `${host.alias}: sh ended with ${exitCode ?? 'a signal'} before it ran anything: ${lastLine(stderr)}`);
    },
    async hangUp(pid) {
      const raw = await startSh();
      raw.stdin.end(hangUpScript(pid));
      raw.stdout.resume();
      await raw.exited;
    },
  };
}

async function spawnSsh(host: HostConfig, argv: string[], env: NodeJS.ProcessEnv): Promise<RawProcess> {
  try {
    // own group: a Ctrl-C in the terminal of `cockpit` is not for the links
    return await spawnRaw(argv, env, { ownGroup: true });
  } catch (error) {
    throw new ConnectError('failed', `${host.alias}: ${argv[0] ?? 'ssh'} cannot be started (${messageOf(error)}); install openssh-client`, { cause: error });
  }
}

function sshEnv(context: ShellContext): NodeJS.ProcessEnv {
  return context.sshAuthSock === null ? process.env : { ...process.env, SSH_AUTH_SOCK: context.sshAuthSock };
}
