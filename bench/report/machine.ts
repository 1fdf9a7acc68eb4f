import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';

/** Where a table was measured. */
export type Machine = { cpus: number; cpu: string; ramGb: number; node: string; tmux: string; ssh: string; /** of the last minute, when it began */ load: number };

/** Looks at this machine. */
export function thisMachine(): Machine {
  return {
    cpus: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? '',
    ramGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    tmux: execFileSync('tmux', ['-V'], { encoding: 'utf8' }).trim(),
    // ssh -V writes to stderr.
    ssh: execFileSync('sh', ['-c', 'ssh -V 2>&1'], { encoding: 'utf8' }).trim().split(',')[0] ?? '',
    load: Math.round((loadavg()[0] ?? NaN) * 100) / 100,
  };
}
