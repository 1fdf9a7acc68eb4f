import type { Readable } from 'node:stream';
import type { Disposable } from '../../base/disposable.ts';
import { HumanError } from '../../base/errors.ts';
import { stripControl } from '../../base/stripControl.ts';
import type { LoginPage } from './loginPage.ts';

/** What is audited of it. */
export const deviceLoginCommand = 'codex login --device-auth';

/**
 * Runs the login as a login shell finds Codex; when the channel is closed, Codex is ended. Codex gives up its old login when it begins another: unless it gets
 * the new one, the old one is put back. The script is constant.
 */
export const deviceLoginScript = `exec sh -c '
exec 3<&0
umask 077
file=\${CODEX_HOME:-$HOME/.codex}/auth.json
old=$file.before-login
if [ -e "$file" ]; then cp -pP -- "$file" "$old"; fi
if command -v codex >/dev/null 2>&1; then set -- ${deviceLoginCommand}; else set -- "\${SHELL:-sh}" -lc "exec ${deviceLoginCommand}"; fi
"$@" </dev/null 3<&- 2>&1 &
login=$!
{ cat <&3; kill "$login"; } >/dev/null 2>&1 &
watch=$!
wait "$login"
code=$?
kill "$watch" 2>/dev/null
if [ "$code" -ne 0 ] && [ -e "$old" ] && [ ! -e "$file" ]; then mv -f -- "$old" "$file"; fi
rm -f -- "$old"
exit "$code"
'`;

/** Codex has to say where the login goes on within this time. */
const pageMs = 60_000;
/** More than Codex ever prints. */
const largestOutput = 20_000;

/** The running script. */
type Running = Disposable & { readonly stdout: Readable; readonly exited: Promise<{ exitCode: number | null }> };

/** How it ended; `why` is what Codex said last, without control characters. */
export type DeviceLoginEnd = { loggedIn: boolean; why: string | null };

/** Follows a running `deviceLoginScript`: `onPage` gets the page once Codex shows it. Resolves when Codex has ended; the channel is closed then, or when `signal` aborts. */
export async function followDeviceLogin(channel: Running, onPage: (page: LoginPage) => void, signal: AbortSignal): Promise<DeviceLoginEnd> {
  let output = '';
  let isShown = false;
  channel.stdout.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-largestOutput);
    const page = isShown ? null : pageIn(output);
    if (page === null) return;
    isShown = true;
    onPage(page);
  });
  const close = () => { channel.dispose(); };
  const late = setTimeout(() => { if (!isShown) close(); }, pageMs);
  signal.addEventListener('abort', close, { once: true });
  try {
    if (signal.aborted) close();
    const { exitCode } = await channel.exited;
    return exitCode === 0 ? { loggedIn: true, why: null } : { loggedIn: false, why: whyOf(output, exitCode) };
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', close);
    close();
  }
}

/** The address and the code that Codex prints; null before both are whole. */
function pageIn(output: string): LoginPage | null {
  const text = stripControl(output);
  const url = /https?:\/\/\S+(?=\n)/.exec(text)?.[0];
  const userCode = /^\s*([A-Z0-9]{4}-[A-Z0-9]{4,6})\s*\n/m.exec(text)?.[1];
  return url === undefined || userCode === undefined ? null : { url, userCode };
}

function whyOf(output: string, exitCode: number | null): string {
  if (exitCode === 127) return 'codex was not found by a login shell there';
  if (exitCode === null) return 'it was ended before it was complete';
  const last = stripControl(output).split('\n').map((line) => line.trim()).filter((line) => line !== '').at(-1);
  return last?.slice(0, 300) ?? `exit code ${exitCode}`;
}

/** Why a login did not begin or did not come to its end. */
export function deviceLoginFailed(alias: string, why: string | null): HumanError {
  return new HumanError('remote-login-failed', `Codex at ${alias} is not logged in: ${why ?? 'it does not say why'}.`);
}
