import { spawn } from 'node:child_process';
import { appendFileSync, closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { delay } from '../supervisor/base/clock.ts';
import { codeOf, HumanError, messageOf } from '../supervisor/base/errors.ts';
import type { Paths } from '../supervisor/protocol/paths.ts';
import { ensurePrivateDir } from '../supervisor/protocol/privateDir.ts';
import { api } from '../supervisor/protocol/api.ts';
import { connect } from '../supervisor/protocol/client.ts';
import type { CockpitClient } from './client.ts';

/** How Node runs a supervisor: a small nursery costs it no time and saves tens of MB. */
export const supervisorFlags = ['--max-semi-space-size=2'];

const startTimeoutMs = 20_000;
/** A start that found the data directory owned, by one that does not answer: it may have ended since. */
const startAgainMs = 500;

/** Connects to the supervisor of a data directory, starting one as a detached process where none runs. */
export async function connectOrStart(paths: Paths, env: NodeJS.ProcessEnv = process.env): Promise<{ client: CockpitClient; started: boolean }> {
  const running = await tryConnect(paths);
  if (running) return { client: running, started: false };
  const deadline = performance.now() + startTimeoutMs;
  let start = spawnSupervisor(paths, env);
  while (performance.now() < deadline) {
    const client = await tryConnect(paths);
    if (client) return { client, started: true };
    const exitCode = start.exitCode();
    if (exitCode !== null && exitCode !== 0) throw failure(paths, start.said(), exitCode);
    // Code 0: another one won the race for the data directory and is about to listen, or failed and left it.
    if (exitCode === 0 && start.ageMs() > startAgainMs) start = spawnSupervisor(paths, env);
    await delay(20);
  }
  throw new HumanError('supervisor-slow', `The supervisor did not answer within ${startTimeoutMs / 1000} s. See ${paths.log}.`);
}

type Start = { exitCode(): number | null; ageMs(): number; /** What it wrote for a person. */ said(): string };

function spawnSupervisor(paths: Paths, env: NodeJS.ProcessEnv): Start {
  const log = openLog(paths);
  const { size } = fstatSync(log);
  const child = spawn(process.execPath, [...process.execArgv, ...supervisorFlags, process.argv[1] ?? '', '--data-dir', paths.dataDir, 'supervise'], {
    detached: true,
    stdio: ['ignore', log, log],
    // The supervisor belongs to no terminal and no folder of the person.
    cwd: '/',
    env,
  });
  closeSync(log);
  child.unref();
  const startedMs = performance.now();
  return { exitCode: () => child.exitCode ?? (child.signalCode === null ? null : 1), ageMs: () => performance.now() - startedMs, said: () => errorIn(readFileSync(paths.log).subarray(size).toString('utf8')) };
}

function failure(paths: Paths, said: string, exitCode: number): HumanError {
  try {
    // On a full disk what it said was not kept.
    if (said === '') appendFileSync(paths.log, `${new Date().toISOString()} error the supervisor ended with ${exitCode}\n`);
  } catch (error) {
    return unusableDataDir(paths, error);
  }
  return new HumanError('supervisor-failed', said || `The supervisor did not start; see ${paths.log}.`, { exitCode: exitCode === 2 ? 2 : 1 });
}

function openLog(paths: Paths): number {
  try {
    ensurePrivateDir(paths.dataDir);
    return openSync(paths.log, 'a', 0o600);
  } catch (error) {
    if (error instanceof HumanError) throw error;
    throw unusableDataDir(paths, error);
  }
}

function unusableDataDir(paths: Paths, cause: unknown): HumanError {
  const why = { EACCES: 'you may not write there', EPERM: 'you may not write there', EROFS: 'its file system is read-only', ENOSPC: 'its disk is full', EDQUOT: 'your quota is used up', ENOTDIR: 'a part of the path is a file', EEXIST: 'it is a file' }[codeOf(cause) ?? ''];
  return new HumanError('data-dir-unusable', `The data directory ${paths.dataDir} cannot be used: ${why ?? messageOf(cause)}. Mend that, or choose another one with --data-dir or COCKPIT_DATA_DIR.`, { cause, exitCode: 2 });
}

/** What the start said to a person: all that comes behind its `cockpit: `; the lines of the log before it are not for here. */
function errorIn(log: string): string {
  const at = log.search(/^cockpit: /m);
  return at < 0 ? log.trimEnd().split('\n').slice(-5).join('\n') : log.slice(at + 'cockpit: '.length).trimEnd();
}

async function tryConnect(paths: Paths): Promise<CockpitClient | null> {
  try {
    return await connect(paths, api, 'cli');
  } catch (error) {
    if (error instanceof HumanError && error.exitCode === 3) return null;
    throw error;
  }
}
