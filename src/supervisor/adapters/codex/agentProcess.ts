import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, rm, stat, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { delay } from '../../base/clock.ts';
import { CockpitError, messageOf } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';
import { codexHomeOf, type AgentSpec } from './agentSpec.ts';
import { AppServerClient } from './appServerClient.ts';
import type { CodexBinary } from './codexBinary.ts';
import { codexConfigText, linkTarget, writeCodexHome } from './codexHome.ts';
import { appServerLaunch, launchHash, type Launch } from './launch.ts';
import { endProcess, isRunning, readRecord, recordAndRun, type ProcessRecord } from './processRecord.ts';

/** A running app-server with a connection to it. */
export type RunningAppServer = { record: ProcessRecord; client: AppServerClient; /** it ran before we came */ joined: boolean };

export type AppServerContext = { binary: CodexBinary; env: NodeJS.ProcessEnv; logger: Logger };

const startTimeoutMs = 15_000;
const joinTimeoutMs = 5_000;
const largestLogBytes = 1024 * 1024;
/** A busy app-server waits for its turn after the first SIGTERM and leaves at the second. */
const restartSteps = [{ signal: 'SIGTERM', waitMs: 2_000 }, { signal: 'SIGTERM', waitMs: 2_000 }, { signal: 'SIGKILL', waitMs: 2_000 }] as const;
const stopSteps = [{ signal: 'SIGTERM', waitMs: 500 }, { signal: 'SIGTERM', waitMs: 2_500 }, { signal: 'SIGKILL', waitMs: 2_000 }] as const;

/** Joins the app-server that a former supervisor left on this home, if it was started in just this way; else starts one, detached, so that it outlives us. */
export async function joinOrStart(spec: AgentSpec, context: AppServerContext, signal: AbortSignal): Promise<RunningAppServer> {
  const configText = codexConfigText(spec);
  await writeCodexHome(spec, configText);
  await mkdir(dirname(spec.socketPath), { recursive: true, mode: 0o700 });
  const launch = appServerLaunch(context.binary, spec, context.env);
  const hash = launchHash(launch, configText, spec);
  const left = await readRecord(recordPath(spec));
  if (left !== null && isRunning(left)) {
    const client = left.launchHash === hash ? await join(spec, context, left, signal) : null;
    if (client !== null) return { record: left, client, joined: true };
    await endAppServer(spec, 'restart');
  }
  return start(spec, context, launch, hash, signal);
}

/** Ends the app-server of a home if one runs: `restart` lets a turn come to rest for a moment, `stop` is over after 3 s. Throws if it cannot be ended. */
export async function endAppServer(spec: Pick<AgentSpec, 'home' | 'socketPath'>, how: 'restart' | 'stop'): Promise<void> {
  const record = await readRecord(recordPath(spec));
  if (record === null) return;
  const gone = await endProcess(record, how === 'restart' ? restartSteps : stopSteps);
  if (!gone) throw new CockpitError('codex-undead', `the app-server with pid ${record.pid} does not end`);
  await removeSocket(spec.socketPath);
  await rm(recordPath(spec), { force: true });
}

/** Where the app-server's own output goes. */
const appServerLogOf = (spec: Pick<AgentSpec, 'home'>): string => `${spec.home}/app-server.log`;

const recordPath = (spec: Pick<AgentSpec, 'home'>): string => `${spec.home}/app-server.pid`;

async function join(spec: AgentSpec, context: AppServerContext, record: ProcessRecord, signal: AbortSignal): Promise<AppServerClient | null> {
  try {
    return await AppServerClient.connect(spec.socketPath, { logger: context.logger, signal, timeoutMs: joinTimeoutMs, alive: () => isRunning(record) });
  } catch (error) {
    signal.throwIfAborted();
    context.logger.warn('the app-server that runs does not answer, it is replaced', { pid: record.pid, error: messageOf(error) });
    return null;
  }
}

async function start(spec: AgentSpec, context: AppServerContext, launch: Launch, hash: string, signal: AbortSignal): Promise<RunningAppServer> {
  signal.throwIfAborted();
  await rm(recordPath(spec), { force: true });
  await removeSocket(spec.socketPath);
  await spawnDetached(spec, launch, hash);
  // Also when it is let go meanwhile: who stops it then finds the record and ends it.
  const record = await waitForRecord(spec, hash);
  try {
    const client = await AppServerClient.connect(spec.socketPath, { logger: context.logger, signal, timeoutMs: startTimeoutMs, alive: () => isRunning(record) });
    context.logger.info('app-server started', { pid: record.pid, codexHome: codexHomeOf(spec) });
    return { record, client, joined: false };
  } catch (error) {
    // Who lets go while it starts leaves it to the next one, who joins it.
    signal.throwIfAborted();
    const died = !isRunning(record);
    await endAppServer(spec, 'stop');
    throw new CockpitError('codex-start', `the app-server did not start: ${died ? await lastLines(spec) : messageOf(error)}`, { cause: error });
  }
}

/** Codex puts a link at our path, to a socket (and its lock) in a folder of its own; after a SIGKILL they stay. */
async function removeSocket(path: string): Promise<void> {
  const target = await linkTarget(path);
  if (target !== null) for (const leftover of [target, `${target}.lock`]) await rm(leftover, { force: true });
  await rm(path, { force: true });
}

async function spawnDetached(spec: AgentSpec, launch: Launch, hash: string): Promise<void> {
  const log = await openLog(spec);
  try {
    const child = spawn('/bin/sh', ['-c', recordAndRun, recordPath(spec), hash, ...launch.argv], {
      cwd: launch.cwd,
      env: launch.env,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    await once(child, 'spawn');
    child.unref();
  } finally {
    await log.close();
  }
}

async function openLog(spec: AgentSpec): ReturnType<typeof open> {
  const path = appServerLogOf(spec);
  const size = await stat(path).then((stats) => stats.size, () => 0);
  if (size > largestLogBytes) await truncate(path);
  return open(path, 'a', 0o600);
}

async function waitForRecord(spec: AgentSpec, hash: string): Promise<ProcessRecord> {
  const deadlineMs = performance.now() + startTimeoutMs;
  for (;;) {
    const record = await readRecord(recordPath(spec));
    if (record?.launchHash === hash) return record;
    if (performance.now() > deadlineMs) throw new CockpitError('codex-start', `the app-server was not started: ${await lastLines(spec)}`);
    await delay(2);
  }
}

async function lastLines(spec: AgentSpec): Promise<string> {
  const text = await readFile(appServerLogOf(spec), 'utf8');
  return stripVTControlCharacters(text).trim().split('\n').slice(-3).join(' ').slice(-500);
}
