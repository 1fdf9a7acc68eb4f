import { builtInMarkers, isShell, showsText, type Marker, type Markers } from './markers.ts';
import { findComposer, lastCell, screenLines, type Cursor } from './codexScreen.ts';
import { readPrompt, type PromptInput } from './promptReading.ts';
import type { Evidence, SessionState } from './remoteSession.ts';

/** What a state is read from. `screenText` null: the screen was not read now, and what an earlier reading found on it (in `previous`) still holds. */
export type StateInput = {
  title: string;
  command: string;
  screenText: string | null;
  /** Tells a composer with text and without a footer. */
  cursor?: Cursor;
  /** Of the pane: only with it wrapped lines come together. */
  width?: number;
  /** Whether the link to the host is up. */
  online: boolean;
  /** Monotonic ms of the reading. */
  atMs: number;
  previous?: Evidence[];
  markers?: Markers;
};

/** Decides what a session is doing (STATE-1) from its title, foreground program and screen, and says why (STATE-2). Evidence that lost is kept: it shows the conflict. */
export function readState(input: StateInput): { state: SessionState; evidence: Evidence[] } {
  const { title, command, screenText, cursor, width, online, atMs, previous = [], markers = builtInMarkers } = input;
  const screen = screenText === null ? previous.filter((one) => one.source === 'screen') : screenEvidence({ text: screenText, command, ...(cursor ? { cursor } : {}), ...(width === undefined ? {} : { width }) }, atMs, markers);
  const link: Evidence[] = online ? [] : [{ source: 'link', says: 'offline', value: 'no connection', atMs }];
  const evidence = [...link, ...titleEvidence(title, atMs, markers), ...screen, ...commandEvidence(command, atMs, markers)];
  return { state: decide(evidence), evidence };
}

function titleEvidence(title: string, atMs: number, markers: Markers): Evidence[] {
  const marker = markers.titles.find((one) => one.pattern.test(title));
  return marker ? [{ source: 'title', says: marker.says, value: title.slice(0, maxValueLength), atMs }] : [];
}

function commandEvidence(command: string, atMs: number, markers: Markers): Evidence[] {
  const says = isShell(command, markers) ? 'shell' : markers.commands.find((one) => one.pattern.test(command))?.says;
  return says === undefined ? [] : [{ source: 'command', says, value: command, atMs }];
}

type Say = (says: SessionState, value: string) => Evidence;

/** Longest part of a title or screen that evidence quotes. */
const maxValueLength = 200;

function screenEvidence(screen: PromptInput & { command: string }, atMs: number, markers: Markers): Evidence[] {
  const { text, command } = screen;
  const say: Say = (says, value) => ({ source: 'screen', says, value: value.slice(0, maxValueLength), atMs });
  const prompt = readPrompt(screen, markers);
  const lines = screenLines(text);
  switch (prompt.kind) {
    case 'approval': {
      const above = lines.slice(0, lines.length - (prompt.promptBlock ?? '').split('\n').length);
      // A question about limits comes on top of the message that says they are used up.
      const cause = prompt.approvalKind === 'menu' ? cellEvidence(above, say, markers).filter((one) => one.says === 'out-of-tokens') : [];
      return [...cause, say(prompt.approvalKind === 'login' ? 'auth-needed' : 'needs-input', `${prompt.approvalKind ?? ''}: ${prompt.approvalCommand ?? ''}`)];
    }
    case 'codex-composer': {
      const found = cellEvidence(lines.slice(0, findComposer(lines, screen.cursor ?? null, markers)?.first ?? lines.length), say, markers);
      return found.length > 0 ? found : [say('idle', prompt.promptText === '' ? 'empty composer' : `composer: ${prompt.promptText ?? ''}`)];
    }
    case 'shell':
      // A shell that shows no prompt may have a question on the screen.
      return [...(prompt.promptText === null ? tailEvidence(lines, command, say, markers) : []), say('shell', prompt.promptBlock ?? '')];
    case 'none':
      return tailEvidence(lines, command, say, markers);
  }
}

/** How many of the last lines with text may hold a sign of another agent. */
const tailLines = 12;

function tailEvidence(lines: string[], command: string, say: Say, markers: Markers): Evidence[] {
  if (showsText(command, markers)) return [];
  const tail = lines.filter((line) => line !== '').slice(-tailLines);
  const lineOf = (marker: Marker) => (marker.command?.test(command) === false ? undefined : (marker.lastLine ? tail.slice(-1) : tail).findLast((line) => marker.pattern.test(line)));
  const marker = markers.tails.find((one) => lineOf(one) !== undefined);
  return marker ? [say(marker.says, `${marker.id}: ${lineOf(marker) ?? ''}`)] : [];
}

function cellEvidence(lines: string[], say: Say, markers: Markers): Evidence[] {
  const cell = lastCell(lines);
  const marker = markers.cells.find((one) => one.pattern.test(cell));
  return marker ? [say(marker.says, `${marker.id}: ${cell}`)] : [];
}

function decide(evidence: Evidence[]): SessionState {
  const says = (source: Evidence['source'], ...states: SessionState[]) => evidence.some((one) => one.source === source && states.includes(one.says));
  if (says('link', 'offline')) return 'offline';
  // A shell in front and nothing of Codex on the screen: whatever the title says was left behind by a Codex that ended.
  const onScreen = evidence.filter((one) => one.source === 'screen' && one.says !== 'shell').map((one) => one.says);
  if (says('command', 'shell') && onScreen.length === 0) return 'shell';
  // A program that shows texts is no Codex: the title is an older one's.
  if (says('command', 'unknown')) return 'unknown';
  if (says('title', 'needs-input')) return 'needs-input';
  // Questions do not show in the title, and the screen under one does not move.
  if (onScreen.includes('needs-input')) return onScreen.includes('out-of-tokens') ? 'out-of-tokens' : 'needs-input';
  // While text streams the screen looks idle; the title's spinner knows better.
  if (says('title', 'working') || onScreen.includes('working')) return 'working';
  if (onScreen[0] !== undefined) return onScreen[0];
  const rest: (SessionState | null | undefined)[] = [says('command', 'working') ? 'working' : null, evidence.find((one) => one.source === 'title')?.says, evidence.find((one) => one.source === 'command' || one.says === 'shell')?.says];
  return rest.find((one) => one !== null && one !== undefined) ?? 'unknown';
}
