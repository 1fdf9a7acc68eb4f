import { z } from 'zod';

/** One thing that was checked. `mend` says how to mend it; it is null exactly when the check is ok. */
export const doctorCheck = z.object({
  /** Stable: `node`, `tmux`, `ssh`, `codex`, `codex-login`, `models`, `browser`, `passwords`, `config`, `permissions`, `data-dir`, `native`, `supervisor`, `account:KEY`, `host:ALIAS`, `host:ALIAS:tmux`, `host:ALIAS:codex`. */
  id: z.string(),
  /** For a person, a few words. */
  title: z.string(),
  status: z.enum(['ok', 'warning', 'failed']),
  /** What was found; may have several lines. */
  detail: z.string(),
  mend: z.string().nullable(),
});
export type DoctorCheck = z.infer<typeof doctorCheck>;

/** `cockpit doctor --json` (CTL-3): stable, fields may be added. `ok` is false exactly when a check failed. */
export const doctorReport = z.object({ version: z.string(), dataDir: z.string(), ok: z.boolean(), checks: z.array(doctorCheck) });
export type DoctorReport = z.infer<typeof doctorReport>;

/** What a check found, without its name. */
export type Finding = Pick<DoctorCheck, 'status' | 'detail' | 'mend'>;

export const ok = (detail: string): Finding => ({ status: 'ok', detail, mend: null });
export const warning = (detail: string, mend: string): Finding => ({ status: 'warning', detail, mend });
export const failed = (detail: string, mend: string): Finding => ({ status: 'failed', detail, mend });
