import { spawn } from 'node:child_process';
import { mkdirSync, openSync, closeSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { demoFiles, type DemoFiles } from '../../demo/demoFiles.ts';
import { endHost } from '../../demo/fakeHost.ts';
import { runDemo } from '../../demo/runDemo.ts';
import { delay } from '../../supervisor/base/clock.ts';
import { codeOf, HumanError } from '../../supervisor/base/errors.ts';
import { demoDir } from '../context.ts';
import { say } from '../io.ts';
import { down } from './down.ts';
import { up } from './up.ts';

const readyTimeoutMs = 20_000;

/** `cockpit demo`: three fake hosts with changing sessions, a paired agent each, and the cockpit on top (DEMO-1). */
export async function demo(own: { attach: boolean }): Promise<void> {
  const files = demoFiles(demoDir(process.cwd()));
  if (!(await isOrchestrating(files))) await startOrchestrator(files);
  say(`demo in ${files.root}; \`cockpit --demo status\` shows it, \`cockpit demo-clean\` removes it`);
  await up({ demo: true }, own);
}

/** `cockpit demo-clean`: ends the demo's cockpit and hosts and removes its files. */
export async function demoClean(): Promise<void> {
  const files = demoFiles(demoDir(process.cwd()));
  if (!(await exists(files.root))) {
    say('there is no demo in this folder');
    return;
  }
  await down({ demo: true });
  await endOrchestrator(files);
  for (const host of files.hosts) await endHost(host);
  await rm(files.paths.runtime, { recursive: true, force: true });
  await rm(files.root, { recursive: true, force: true });
  say('the demo is gone');
}

/** `cockpit demo-run` (hidden): the process behind the demo's hosts. */
export async function demoRun(root: string, codexPath: string): Promise<void> {
  const files = demoFiles(root);
  const ending = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => { ending.abort(new Error(signal)); });
  await writeFile(files.pid, `${process.pid} ${await startTimeOf(process.pid)}\n`, { mode: 0o600 });
  await runDemo(root, { codexPath, signal: ending.signal, ready: () => undefined });
}

async function startOrchestrator(files: DemoFiles): Promise<void> {
  mkdirSync(files.root, { recursive: true, mode: 0o700 });
  await rm(files.paths.config, { force: true });
  const log = openSync(files.log, 'a', 0o600);
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', 'demo-run', files.root, '--codex-path', 'codex'], { detached: true, stdio: ['ignore', log, log], env: { ...process.env, TMUX: '' } });
  closeSync(log);
  child.unref();
  const deadline = performance.now() + readyTimeoutMs;
  while (!(await exists(files.paths.config))) {
    if (child.exitCode !== null || performance.now() > deadline) throw new HumanError('demo-failed', `The demo's hosts did not start; see ${files.log}. It needs tmux.`);
    await delay(20);
  }
}

async function endOrchestrator(files: DemoFiles): Promise<void> {
  const pid = await orchestratorPid(files);
  if (pid === null) return;
  process.kill(pid, 'SIGTERM');
  const deadline = performance.now() + 5000;
  while ((await orchestratorPid(files)) !== null) {
    if (performance.now() > deadline) process.kill(pid, 'SIGKILL');
    await delay(20);
  }
}

async function isOrchestrating(files: DemoFiles): Promise<boolean> {
  return (await orchestratorPid(files)) !== null;
}

/** The pid of the running orchestrator; a pid that was given to another process since does not count. */
async function orchestratorPid(files: DemoFiles): Promise<number | null> {
  try {
    const [pid = '', startTime = ''] = (await readFile(files.pid, 'utf8')).trim().split(' ');
    return (await startTimeOf(Number(pid))) === startTime ? Number(pid) : null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Start time of a process in clock ticks since boot (/proc/PID/stat, field 22). Rejects ENOENT when there is no such process. */
async function startTimeOf(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false);
}
