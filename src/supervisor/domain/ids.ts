/** tmux's ids: `$3` a session, `@5` a window, `%7` a pane. Only ids address tmux, never names. */
export type SessionId = `$${number}`;
export type WindowId = `@${number}`;
export type PaneId = `%${number}`;

export const isSessionId = (text: string): text is SessionId => /^\$\d+$/.test(text);
export const isWindowId = (text: string): text is WindowId => /^@\d+$/.test(text);
export const isPaneId = (text: string): text is PaneId => /^%\d+$/.test(text);

/** What a remote session is known by: the alias of its host and its tmux session id (DISC-5). */
export type SessionRef = { alias: string; id: SessionId };

/** An alias as a file name: unusual characters and a leading dot become `=HH`, so that two aliases never share a name. */
export function fileNameOf(alias: string): string {
  return Array.from(Buffer.from(alias), (byte, at) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9_-]/.test(char) || (char === '.' && at > 0) ? char : `=${byte.toString(16).padStart(2, '0')}`;
  }).join('');
}

/** Stable key of a remote session, safe as a file name: `ALIAS~3` for `ALIAS` and `$3`. */
export function sessionKey(ref: SessionRef): string {
  return `${fileNameOf(ref.alias)}~${ref.id.slice(1)}`;
}
