import { isPaneId, isSessionId, isWindowId, type PaneId, type SessionId, type WindowId } from '../../domain/ids.ts';
import { decodeUtf8 } from './command.ts';

/** What tmux tells a control client unasked. The unlinked-window forms map to the same kinds. */
export type TmuxNotification =
  | { kind: 'output'; paneId: PaneId; data: Buffer }
  | { kind: 'pause'; paneId: PaneId }
  | { kind: 'sessions-changed' }
  | { kind: 'session-changed'; id: SessionId; name: string }
  | { kind: 'session-renamed'; id: SessionId; name: string }
  | { kind: 'session-window-changed'; id: SessionId; windowId: WindowId }
  | { kind: 'window-pane-changed'; windowId: WindowId; paneId: PaneId }
  | { kind: 'window-add' | 'window-close' | 'window-renamed'; windowId: WindowId }
  | { kind: 'subscription-changed'; name: string; value: string }
  | { kind: 'client-detached'; client: string }
  | { kind: 'exit'; reason: string }
  | { kind: 'other'; line: string };

/** Parses one latin1 line from outside any block; what is not understood is `other`. Never throws. */
export function parseNotification(line: string): TmuxNotification {
  const [word, rest] = cut(line, ' ');
  return (parsers.get(word)?.(rest)) ?? { kind: 'other', line };
}

type Parser = (rest: string) => TmuxNotification | null;
const parsers = new Map<string, Parser>([
  ['%output', output],
  ['%extended-output', extendedOutput],
  ['%pause', (rest) => (isPaneId(rest) ? { kind: 'pause', paneId: rest } : null)],
  ['%sessions-changed', () => ({ kind: 'sessions-changed' })],
  ['%session-changed', (rest) => named('session-changed', rest)],
  ['%session-renamed', (rest) => named('session-renamed', rest)],
  ['%session-window-changed', sessionWindowChanged],
  ['%window-pane-changed', windowPaneChanged],
  ['%window-add', (rest) => windowEvent('window-add', rest)],
  ['%unlinked-window-add', (rest) => windowEvent('window-add', rest)],
  ['%window-close', (rest) => windowEvent('window-close', rest)],
  ['%unlinked-window-close', (rest) => windowEvent('window-close', rest)],
  ['%window-renamed', (rest) => windowEvent('window-renamed', rest)],
  ['%unlinked-window-renamed', (rest) => windowEvent('window-renamed', rest)],
  ['%subscription-changed', subscriptionChanged],
  ['%client-detached', (rest) => ({ kind: 'client-detached', client: decodeUtf8(rest) })],
  ['%exit', (rest) => ({ kind: 'exit', reason: decodeUtf8(rest) })],
]);

/** Bytes of `%output`: `\ooo` is one byte, all else stands for itself. */
function unescapeOutput(latin1: string): Buffer {
  if (!latin1.includes('\\')) return Buffer.from(latin1, 'latin1');
  return Buffer.from(latin1.replace(/\\([0-3][0-7]{2})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))), 'latin1');
}

function output(rest: string): TmuxNotification | null {
  const [paneId, data] = cut(rest, ' ');
  return isPaneId(paneId) ? { kind: 'output', paneId, data: unescapeOutput(data) } : null;
}

function extendedOutput(rest: string): TmuxNotification | null {
  const [head, data] = cut(rest, ' : ');
  const [paneId] = cut(head, ' ');
  return isPaneId(paneId) ? { kind: 'output', paneId, data: unescapeOutput(data) } : null;
}

function named(kind: 'session-changed' | 'session-renamed', rest: string): TmuxNotification | null {
  const [id, name] = cut(rest, ' ');
  return isSessionId(id) ? { kind, id, name: decodeUtf8(name) } : null;
}

function sessionWindowChanged(rest: string): TmuxNotification | null {
  const [id, windowId] = cut(rest, ' ');
  return isSessionId(id) && isWindowId(windowId) ? { kind: 'session-window-changed', id, windowId } : null;
}

function windowPaneChanged(rest: string): TmuxNotification | null {
  const [windowId, paneId] = cut(rest, ' ');
  return isWindowId(windowId) && isPaneId(paneId) ? { kind: 'window-pane-changed', windowId, paneId } : null;
}

function windowEvent(kind: 'window-add' | 'window-close' | 'window-renamed', rest: string): TmuxNotification | null {
  const [windowId] = cut(rest, ' ');
  return isWindowId(windowId) ? { kind, windowId } : null;
}

function subscriptionChanged(rest: string): TmuxNotification | null {
  const [head, value] = cut(rest, ' : ');
  const [name] = cut(head, ' ');
  return name === '' ? null : { kind: 'subscription-changed', name, value: decodeUtf8(value) };
}

function cut(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
