import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delay } from '../supervisor/base/clock.ts';
import { HumanError } from '../supervisor/base/errors.ts';
import type { Paths } from '../supervisor/protocol/paths.ts';
import { api } from '../supervisor/protocol/api.ts';
import { connect } from '../supervisor/protocol/client.ts';
import type { CockpitClient } from './client.ts';

const startTimeoutMs = 20_000;

/** Connects to the supervisor of a data directory, starting one as a detached process where none runs. */
export async function connectOrStart(paths: Paths, env: NodeJS.ProcessEnv = process.env): Promise<{ client: CockpitClient; started: boolean }> {
  const running = await tryConnect(paths);
  if (running) return { client: running, started: false };
  mkdirSync(paths.dataDir, { recursive: true, mode: 0o700 });
  const log = openSync(paths.log, 'a', 0o600);
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', '--data-dir', paths.dataDir, 'supervise'], {
    detached: true,
    stdio: ['ignore', log, log],
    // The supervisor belongs to no terminal and no folder of the person.
    cwd: '/',
    env,
  });
  closeSync(log);
  child.unref();
  const deadline = performance.now() + startTimeoutMs;
  while (performance.now() < deadline) {
    const client = await tryConnect(paths);
    if (client) return { client, started: true };
    // Code 0: another one won the race for the data directory and is about to listen.
    if (child.exitCode !== null && child.exitCode !== 0) throw new HumanError('supervisor-failed', `The supervisor did not start:\n${await lastLines(paths.log)}`, { exitCode: child.exitCode === 2 ? 2 : 1 });
    await delay(20);
  }
  throw new HumanError('supervisor-slow', `The supervisor did not answer within ${startTimeoutMs / 1000} s. See ${paths.log}.`);
}

async function tryConnect(paths: Paths): Promise<CockpitClient | null> {
  try {
    return await connect(paths, api, 'cli');
  } catch (error) {
    if (error instanceof HumanError && error.exitCode === 3) return null;
    throw error;
  }
}

async function lastLines(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).trimEnd().split('\n').slice(-5).join('\n');
}
