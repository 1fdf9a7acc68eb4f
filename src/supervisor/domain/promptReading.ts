import { createHash } from 'node:crypto';
import { builtInMarkers, isShell, showsText, type ApprovalKind, type Markers } from './markers.ts';
import { findBoxedMenu, findMenu, type ApprovalOption, type Menu } from './menuReading.ts';
import { findComposer, screenLines, type Cursor } from './codexScreen.ts';
import { joinWrapped } from './wrappedLines.ts';

/** What waits for input at the end of a screen. */
export type PromptReading = {
  kind: 'shell' | 'codex-composer' | 'approval' | 'none';
  approvalKind: ApprovalKind | null;
  /** What stands in the composer or behind the shell's prompt; '' if nothing, null where there is neither. */
  promptText: string | null;
  /** The lines of the prompt, composer or approval only. */
  promptBlock: string | null;
  /** What is to be approved, whole, wrapped lines joined: the command, the edit, the tool call, the folder or the question. */
  approvalCommand: string | null;
  /** Whether a part of it is not on the screen: nobody can tell from here what is asked. */
  isCut: boolean;
  approvalOptions: ApprovalOption[];
  /** Changes when another thing is asked; the selection does not count. */
  fingerprint: string | null;
};

/** A screen to read: what a `ScreenState` has. Only with the pane's `width` can wrapped lines be told from real ones; without it lines stay apart. */
export type PromptInput = { text: string; cursor?: Cursor; command?: string; width?: number };

/** Reads what waits for input on a screen. Only the end of the screen counts: menus and prompts further up are history. */
export function readPrompt(screen: PromptInput, markers: Markers = builtInMarkers): PromptReading {
  // What an editor or a pager shows is a text about something.
  if (screen.command !== undefined && showsText(screen.command, markers)) return nothing;
  const lines = screenLines(screen.text);
  // Codex keeps two columns free at the right.
  const edge = screen.width === undefined ? Infinity : screen.width - 2;
  const menu = findMenu(lines, edge, markers);
  if (menu) return menuReading(lines, menu, edge, markers);
  const boxed = findBoxedMenu(lines, edge);
  if (boxed) return menuReading(boxed.lines, boxed.menu, edge, markers);
  const composer = findComposer(lines, screen.cursor ?? null, markers);
  if (composer) return { ...nothing, kind: 'codex-composer', promptText: composer.text, promptBlock: lines.slice(composer.first).join('\n') };
  return readYesNo(lines) ?? readShell(lines, screen, markers) ?? nothing;
}

const nothing: PromptReading = { kind: 'none', approvalKind: null, promptText: null, promptBlock: null, approvalCommand: null, isCut: false, approvalOptions: [], fingerprint: null };

function menuReading(lines: string[], menu: Menu, edge: number, markers: Markers): PromptReading {
  const start = blockStart(lines, menu.first, markers);
  const heading = lines.slice(start, menu.first);
  const kind = kindOf(heading, markers);
  const reading = approval(kind, aboutOf(kind, heading, edge, markers), menu.options, lines.slice(start).join('\n'));
  return { ...reading, isCut: isCut(kind, heading, markers) };
}

/** A tall approval loses its middle, and Codex says so, or its head, which leaves the screen. */
function isCut(kind: ApprovalKind, heading: string[], markers: Markers): boolean {
  if (heading.some((line) => markers.cuts.some((sign) => sign.test(line)))) return true;
  const hasHead = markers.headings.some((known) => known.kind === kind && heading.some((line) => known.pattern.test(line)));
  return (kind === 'exec' || kind === 'patch') && !hasHead;
}

function approval(kind: ApprovalKind, command: string, options: ApprovalOption[], block: string): PromptReading {
  return {
    ...nothing,
    kind: 'approval',
    approvalKind: kind,
    promptBlock: block,
    approvalCommand: command,
    approvalOptions: options,
    fingerprint: fingerprintOf(kind, command, options),
  };
}

function fingerprintOf(kind: ApprovalKind, command: string, options: ApprovalOption[]): string {
  const content = JSON.stringify([kind, command, options.map(({ key, label }) => [key, label])]);
  return createHash('sha256').update(content).digest('hex');
}

/** A known heading starts the block; else the indented lines above the options, until column 0 or two blank lines. */
function blockStart(lines: string[], first: number, markers: Markers): number {
  const known = lines.slice(0, first).findLastIndex((line) => markers.headings.some((heading) => heading.pattern.test(line)));
  const until = (at: number): number => {
    let start = at;
    while (start > 0 && (lines[start - 1] ?? '') === '') start -= 1;
    while (start > 0 && /^(?: {1,4}\S| {5,})/u.test(lines[start - 1] ?? '')) {
      start -= 1;
      if (lines[start - 1] === '' && /^ {1,4}\S/u.test(lines[start - 2] ?? '')) start -= 1;
    }
    return start;
  };
  // What stands directly above a known heading (`Field 1/1`, the folder) belongs to it.
  if (known < 0) return until(first);
  const above = until(known + 1);
  const isFirst = markers.headings.some(({ kind, pattern }) => (kind === 'exec' || kind === 'patch') && pattern.test(lines[known] ?? ''));
  return isFirst ? known : Math.min(known, above);
}

function kindOf(heading: string[], markers: Markers): ApprovalKind {
  const known = markers.headings.find(({ pattern }) => heading.some((line) => pattern.test(line)))?.kind;
  // The heading of a tall approval may have left the screen; the command's `$` tells it still.
  return known ?? (heading.some((line) => /^ {1,4}\$ \S/u.test(line)) ? 'exec' : 'menu');
}

function aboutOf(kind: ApprovalKind, heading: string[], edge: number, markers: Markers): string {
  const tidy = (lines: string[]) => joinWrapped(lines, edge).join('\n').replace(/\n{3,}/g, '\n\n').trim();
  switch (kind) {
    case 'exec': {
      const at = heading.findIndex((line) => /^ {1,4}\$ \S/u.test(line));
      return tidy(heading.slice(Math.max(at, 0))).replace(/^\$ /, '');
    }
    case 'mcp':
      return tidy(heading.filter((line) => !/^\s*Field \d+\/\d+(?: \(\d+ required unanswered\))?$/u.test(line)));
    case 'patch':
      return tidy(heading.slice(1));
    case 'trust': {
      const at = heading.findIndex((line) => markers.headings.some((known) => known.kind === 'trust' && known.pattern.test(line)));
      return tidy(heading.slice(0, at).filter((line) => line.trim() !== 'Folder access')) || tidy(heading);
    }
    case 'login':
    case 'menu':
    case 'yes-no':
      return tidy(heading);
  }
}

const yesNo = /[[(]\s*(y|yes)\s*\/\s*(n|no)(?:\s*\/.*)?\s*[\])]\s*[?:]?$/iu;

function readYesNo(lines: string[]): PromptReading | null {
  const line = lines.at(-1) ?? '';
  const match = yesNo.exec(line);
  if (!match) return null;
  const options = match.slice(1, 3).map((word): ApprovalOption => ({ key: word.toLowerCase(), label: /^y/iu.test(word) ? 'yes' : 'no', selected: /^[YN]$/u.test(word) && match[0] !== match[0].toUpperCase() }));
  return approval('yes-no', line.trim(), options, line);
}

/** With a known foreground program only a shell has a shell's prompt; without, the line must look like one. */
function readShell(lines: string[], screen: PromptInput, markers: Markers): PromptReading | null {
  const { command, cursor } = screen;
  if (command !== undefined && !isShell(command, markers)) return null;
  const line = (cursor && lines[cursor.y]) || (lines.at(-1) ?? '');
  const behind = /^(.*?(?:^|[\s\w@~:/\])}.-])[$#%❯➜»])(?: (.*))?$/u.exec(line) ?? /^([$#%❯➜»>])(?: (.*))?$/u.exec(line);
  if (command === undefined && (!behind || !/^(?:[$#%❯➜>](?: |$)|.*[@:~\])].*[$#%❯➜])/u.test(line))) return null;
  return { ...nothing, kind: 'shell', promptText: behind ? (behind[2] ?? '') : null, promptBlock: line };
}
