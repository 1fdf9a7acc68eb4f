import type { KeyName } from '../protocol/sessionTools.ts';
import type { CursorKeys } from './readObserved.ts';

/** What a terminal sends for a key (xterm). Bytes instead of tmux's key names, because only bytes pass tmux unchanged in every version. */
export function keyBytes(key: KeyName, cursorKeys: CursorKeys): Buffer {
  const special = specialKeys[key];
  if (special !== undefined) return Buffer.from(cursorKeys === 'application' ? special.replace(/^\x1b\[(?=[ABCDHF]$)/, '\x1bO') : special, 'latin1'); // eslint-disable-line no-control-regex -- ESC starts these keys
  if (key.startsWith('C-')) return Buffer.from([key.charCodeAt(2) & 0x1f]);
  throw new Error(`key without bytes: ${key}`);
}

const specialKeys: Partial<Record<KeyName, string>> = {
  Enter: '\r',
  Escape: '\x1b',
  Tab: '\t',
  BTab: '\x1b[Z',
  BSpace: '\x7f',
  Space: ' ',
  Delete: '\x1b[3~',
  Insert: '\x1b[2~',
  Up: '\x1b[A',
  Down: '\x1b[B',
  Right: '\x1b[C',
  Left: '\x1b[D',
  Home: '\x1b[H',
  End: '\x1b[F',
  PageUp: '\x1b[5~',
  PageDown: '\x1b[6~',
  F1: '\x1bOP',
  F2: '\x1bOQ',
  F3: '\x1bOR',
  F4: '\x1bOS',
  F5: '\x1b[15~',
  F6: '\x1b[17~',
  F7: '\x1b[18~',
  F8: '\x1b[19~',
  F9: '\x1b[20~',
  F10: '\x1b[21~',
  F11: '\x1b[23~',
  F12: '\x1b[24~',
};
