import { readFile, writeFile } from 'node:fs/promises';
import { codeOf } from '../supervisor/base/errors.ts';

/** Records this process as the orchestrator. */
export async function recordOrchestrator(path: string): Promise<void> {
  await writeFile(path, `${process.pid} ${(await startTimeOf(process.pid)) ?? ''}\n`, { mode: 0o600 });
}

/** The pid of the running orchestrator, or null; a pid that was given to another process since does not count. */
export async function orchestratorPid(path: string): Promise<number | null> {
  const text = await readIfThere(path);
  if (text === null) return null;
  const [pid = '', startTime = ''] = text.trim().split(' ');
  if (!/^\d+$/.test(pid) || startTime === '') return null;
  return (await startTimeOf(Number(pid))) === startTime ? Number(pid) : null;
}

/** Start time of a process in clock ticks since boot (/proc/PID/stat, field 22); null when there is no such process, or only its zombie. */
async function startTimeOf(pid: number): Promise<string | null> {
  const text = await readIfThere(`/proc/${pid}/stat`);
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? [];
  return fields[0] === 'Z' ? null : (fields[19] ?? null);
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ESRCH') return null;
    throw error;
  }
}
