import { plainText } from './tmuxText.ts';

/** What the caller wants to be read: plain text on either side of the list of hosts, and behind the name of either half of the host in front. */
export type StatusLine = { left: string; right: string; remote?: string; agent?: string };

/** Widths of the two sides for terminals of at least so many columns; the rest is for the hosts. */
export const statusTiers = [
  { name: 'wide', minColumns: 160, left: 80, right: 70 },
  { name: 'middle', minColumns: 110, left: 42, right: 36 },
  { name: 'narrow', minColumns: 0, left: 30, right: 26 },
] as const;

/** Which keys there are and how much is said of the agent beside them, from the most to the least room; `columns` is the least width of the window. */
const keyHints = [
  { columns: 180, says: 70, text: 'F1 host  F2 session (Shift: back)  F3 remote/agent  F5 wake  F12 down' },
  { columns: 130, says: 30, text: 'F1 host  F2 session (Shift: back)  F3 remote/agent  F5 wake  F12 down' },
  { columns: 100, says: 24, text: 'F1 host F2 session F3 focus F5 wake F12 down' },
  { columns: 0, says: 16, text: 'F1 host F2 session F3 focus F5 F12' },
] as const;

/** Shortens text to a width by leaving out its middle, where names are alike least often at the ends. */
export function fitMiddle(text: string, width: number): string {
  const chars = Array.from(plainText(text).trim());
  if (chars.length <= width) return chars.join('');
  const keep = Math.max(width - 2, 0);
  const head = Math.ceil(keep / 2);
  return `${chars.slice(0, head).join('')}..${chars.slice(chars.length - (keep - head)).join('')}`;
}

/** Shortens text to a width by leaving out its end, at a word where one ends near. */
export function fitEnd(text: string, width: number): string {
  const chars = Array.from(plainText(text).trim());
  if (chars.length <= width) return chars.join('');
  const head = chars.slice(0, Math.max(width - 2, 0)).join('');
  const word = head.replace(/\s+\S*$/, '');
  return `${word.length > head.length / 2 ? word : head}..`;
}

/** Fitted text as a tmux option value: nothing in it is a style, but `Wake off` is red where colours are wanted (WAKE-2). */
export function styledStatus(fitted: string, colour: boolean): string {
  const safe = fitted.replaceAll('#', '##');
  return colour ? safe.replace('Wake off', '#[fg=red,bold]Wake off#[fg=default,nobold]') : safe;
}

/** A tmux format that picks the option of the tier which fits the client's width. */
export function tierFormat(side: 'left' | 'right'): string {
  return statusTiers.reduceRight((narrower, { name, minColumns }) => {
    const option = `#{@cockpit_${side}_${name}}`;
    return narrower === '' ? option : `#{?#{e|>=:#{client_width},${minColumns}},${option},${narrower}}`;
  }, '');
}

/** What stands over a half: its name, what the caller says of it, and over the lower one the keys. The focus shows without colours. */
export function headingFormat(): string {
  const name = '#{?pane_active,>> #{@cockpit_role} #{window_name} <<,   #{@cockpit_role} #{window_name}   }';
  const agent = keyHints.reduceRight((narrower, { columns, says, text }) => {
    const half = `#{=/${says}/..:#{@cockpit_says_agent}}#[align=right] ${text} `;
    return narrower === '' ? half : `#{?#{e|>=:#{window_width},${columns}},${half},${narrower}}`;
  }, '');
  return `${name} #{?#{==:#{@cockpit_role},remote},#{@cockpit_says_remote} ,${agent}}`;
}
