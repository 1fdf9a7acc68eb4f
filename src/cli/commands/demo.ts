import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { demoFiles, type DemoFiles } from '../../demo/demoFiles.ts';
import { endHost } from '../../demo/fakeHost.ts';
import { endLeftoverProcesses } from '../../demo/leftovers.ts';
import { orchestratorPid, recordOrchestrator } from '../../demo/orchestratorPid.ts';
import { runDemo } from '../../demo/runDemo.ts';
import { standInReason } from '../../demo/standIn.ts';
import { delay } from '../../supervisor/base/clock.ts';
import { HumanError, messageOf } from '../../supervisor/base/errors.ts';
import { demoDir } from '../context.ts';
import { checkCodex, findCodex } from '../doctor/codexChecks.ts';
import { plain, say } from '../io.ts';
import { down } from './down.ts';
import { up } from './up.ts';

const readyTimeoutMs = 20_000;

/** `cockpit demo`: three fake hosts with changing sessions, a paired agent each, and the cockpit on top (DEMO-1). */
export async function demo(own: { attach: boolean }): Promise<void> {
  const files = demoFiles(demoDir(process.cwd()));
  if ((await orchestratorPid(files.pid)) === null) await startOrchestrator(files, await usableCodex());
  if (await exists(files.standIn)) say(standInReason);
  say(`demo in ${plain(files.root)}; \`cockpit --demo status\` shows it, \`cockpit demo-clean\` removes it`);
  await up({ demo: true }, own);
}

/** `cockpit demo-clean`: ends the demo's cockpit and hosts and removes its files, in whatever state they are. */
export async function demoClean(): Promise<void> {
  const files = demoFiles(demoDir(process.cwd()));
  const isThere = await exists(files.root);
  if (isThere) await endInOrder(files);
  const left = await endLeftoverProcesses(files);
  await rm(files.paths.runtime, { recursive: true, force: true });
  await rm(files.root, { recursive: true, force: true });
  await removeIfEmpty(dirname(files.paths.runtime));
  say(isThere || left > 0 ? 'the demo is gone' : 'there is no demo in this folder');
}

/** `cockpit demo-run` (hidden): the process behind the demo's hosts. Without a Codex it runs the stand-in. */
export async function demoRun(root: string, codexPath: string | null): Promise<void> {
  const files = demoFiles(root);
  if ((await orchestratorPid(files.pid)) !== null) return;
  const ending = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => { ending.abort(new Error(signal)); });
  await recordOrchestrator(files.pid);
  await runDemo(root, { codexPath, signal: ending.signal });
}

/** The Codex that the demo's agents run; null where there is none, or one that is too old for agents. */
async function usableCodex(): Promise<string | null> {
  const codex = await findCodex(null, process.env);
  return codex.kind === 'found' && checkCodex(codex).status === 'ok' ? codex.binary.path : null;
}

async function startOrchestrator(files: DemoFiles, codexPath: string | null): Promise<void> {
  mkdirSync(files.root, { recursive: true, mode: 0o700 });
  await rm(files.paths.config, { force: true });
  await rm(files.standIn, { force: true });
  const log = openSync(files.log, 'a', 0o600);
  const codex = codexPath === null ? [] : ['--codex-path', codexPath];
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', 'demo-run', files.root, ...codex], { detached: true, stdio: ['ignore', log, log], cwd: '/', env: { ...process.env, TMUX: '' } });
  closeSync(log);
  child.unref();
  const deadline = performance.now() + readyTimeoutMs;
  while (!(await exists(files.paths.config))) {
    // Code 0: another `cockpit demo` was faster, and its orchestrator is about to be ready.
    if ((child.exitCode ?? 0) !== 0 || performance.now() > deadline) throw new HumanError('demo-failed', `The demo's hosts did not start; see ${files.log}. It needs tmux.`);
    await delay(20);
  }
}

/** The cockpit first, so that nobody looks after hosts that go away. */
async function endInOrder(files: DemoFiles): Promise<void> {
  try {
    await down({ demo: true });
    const pid = await orchestratorPid(files.pid);
    if (pid !== null) process.kill(pid, 'SIGTERM');
    for (const host of files.hosts) await endHost(host);
  } catch (error) {
    say(`not all of the demo ended by itself: ${plain(messageOf(error))}`);
  }
}

/** The folder of all short runtime directories of a person, in the temp folder. */
async function removeIfEmpty(dir: string): Promise<void> {
  if (/^cockpit-\d+$/.test(basename(dir))) await rmdir(dir).catch(() => undefined); // not empty, or not there
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false);
}
