import { pathsFor, type GlobalOptions } from '../context.ts';
import { examine } from '../doctor/examine.ts';
import { formatReport } from '../doctor/formatReport.ts';
import { doctorReport } from '../doctor/report.ts';
import { plain, say, sayJson } from '../io.ts';

/** `cockpit doctor`: checks everything that cockpit needs; exit code 1 only if something failed (CTL-3). */
export async function doctor(options: GlobalOptions, own: { json?: boolean }): Promise<void> {
  const report = await examine(pathsFor(options), process.env);
  if (own.json) sayJson(doctorReport.parse(report));
  else say(plain(formatReport(report)));
  // A program that hangs would keep this one alive behind its answer.
  process.exit(report.ok ? 0 : 1);
}
