import { randomBytes } from 'node:crypto';
import { stripControl } from '../supervisor/base/stripControl.ts';

/** Longest string of a result, marks included; the schemas of sessionTools allow no more. */
const maxTextChars = 65_536;
const marksChars = 256;
const tag = 'untrusted-remote-text';

/** A new random word that text of the remote cannot guess; one for each result. */
export function newFence(): string {
  return randomBytes(8).toString('hex');
}

/** Remote text as data (MCP-5): control sequences stripped, capped with its end kept, and between marks that carry the fence. */
export function fenceRemoteText(text: string, fence: string): string {
  // A mark without the fence proves nothing to a program, but it could fool a reader.
  const body = capped(text).replace(new RegExp(`<(\\s*/?\\s*${tag})`, 'gi'), '‹$1');
  return `<${tag} fence=${fence}>\n${body}\n</${tag} fence=${fence}>`;
}

/** Text of cockpit itself: control sequences stripped and capped, without marks. */
export function plainText(text: string): string {
  return capped(text);
}

function capped(text: string): string {
  // Capped before the work as well as after it, because stripping can make text longer.
  return keepEnd(stripControl(keepEnd(text)));
}

/** The end of a screen is what matters, so the beginning goes. */
function keepEnd(text: string): string {
  const maxChars = maxTextChars - marksChars;
  if (text.length <= maxChars) return text;
  const kept = maxChars - 64;
  return `[${text.length - kept} characters left out]\n${text.slice(-kept).toWellFormed()}`;
}
