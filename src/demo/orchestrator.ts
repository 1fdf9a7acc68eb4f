import { appendFileSync } from 'node:fs';
import { delay } from '../supervisor/base/clock.ts';
import { messageOf } from '../supervisor/base/errors.ts';
import { endSession, sessionNames, startSession, type FakeHost } from './fakeHost.ts';
import { workloads } from './workloads.ts';

/** What the orchestrator works with; `random` is in [0, 1). */
export type OrchestratorOptions = { hosts: FakeHost[]; log: string; stepMs: number; random: () => number; signal: AbortSignal; env: NodeJS.ProcessEnv };

const mostSessions = 4;

const firstSessions = [['build', 'question'], ['train'], []];

/** Starts the first sessions of the fake hosts: two on the first, one on the second, none on the third. Hosts that an earlier orchestrator left are taken as they are. */
export async function startFirstSessions(options: OrchestratorOptions): Promise<void> {
  for (const [at, host] of options.hosts.entries()) {
    const there = await sessionNames(host);
    note(options, `${host.alias}: ${there.length === 0 ? 'starts' : `goes on with ${there.join(', ')}`}`);
    if (there.length > 0) continue;
    for (const name of firstSessions[at] ?? []) await add(host, options, name);
  }
}

/** Adds and removes sessions until the signal; every step is a line of the log. A failed step is logged and the next one goes on. */
export async function churn(options: OrchestratorOptions): Promise<void> {
  for (;;) {
    try {
      await delay(options.stepMs * (0.5 + options.random()), options.signal);
    } catch {
      note(options, 'the demo ends');
      return;
    }
    try {
      await step(options);
    } catch (error) {
      note(options, `step failed: ${messageOf(error)}`);
    }
  }
}

async function step(options: OrchestratorOptions): Promise<void> {
  const host = pick(options.hosts, options.random);
  const names = (await sessionNames(host)).filter((name) => name !== 'cockpit-main');
  const isFull = names.length >= mostSessions;
  if (isFull || (names.length > 1 && options.random() < 0.5)) {
    const name = pick(names, options.random);
    await endSession(host, name);
    note(options, `${host.alias}: removed ${name}`);
    return;
  }
  await add(host, options);
}

async function add(host: FakeHost, options: OrchestratorOptions, wanted?: string): Promise<void> {
  const taken = await sessionNames(host);
  const workload = workloads.find(({ name }) => name === wanted) ?? pick(workloads, options.random);
  let n = 1;
  while (taken.includes(`cockpit-${workload.name}-${n}`)) n++;
  const name = `cockpit-${workload.name}-${n}`;
  await startSession(host, name, workload, options.env);
  note(options, `${host.alias}: added ${name}`);
}

function note(options: OrchestratorOptions, text: string): void {
  appendFileSync(options.log, `${new Date().toISOString()} ${text}\n`);
}

function pick<T>(items: readonly T[], random: () => number): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}
