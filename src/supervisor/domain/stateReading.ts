import { cellMarkers, shellCommand, titleMarkers } from './markers.ts';
import { findComposer, lastCell, screenLines } from './codexScreen.ts';
import { readPrompt } from './promptReading.ts';
import type { Evidence, SessionState } from './remoteSession.ts';

/** What a state is read from. `screenText` null: the screen was not read now, and what an earlier reading found on it (in `previous`) still holds. */
export type StateInput = {
  title: string;
  command: string;
  screenText: string | null;
  /** Whether the link to the host is up. */
  online: boolean;
  /** Monotonic ms of the reading. */
  atMs: number;
  previous?: Evidence[];
};

/** Decides what a session is doing (STATE-1) from its title, foreground program and screen, and says why (STATE-2). Evidence that lost is kept: it shows the conflict. */
export function readState(input: StateInput): { state: SessionState; evidence: Evidence[] } {
  const { title, command, screenText, online, atMs, previous = [] } = input;
  const screen = screenText === null ? previous.filter((one) => one.source === 'screen') : screenEvidence(screenText, command, atMs);
  const link: Evidence[] = online ? [] : [{ source: 'link', says: 'offline', value: 'no connection', atMs }];
  const evidence = [...link, ...titleEvidence(title, atMs), ...screen, ...commandEvidence(command, atMs)];
  return { state: decide(evidence), evidence };
}

function titleEvidence(title: string, atMs: number): Evidence[] {
  const marker = titleMarkers.find((one) => one.pattern.test(title));
  return marker ? [{ source: 'title', says: marker.says, value: title.slice(0, maxValueLength), atMs }] : [];
}

function commandEvidence(command: string, atMs: number): Evidence[] {
  return shellCommand.test(command) ? [{ source: 'command', says: 'shell', value: command, atMs }] : [];
}

/** Longest part of a title or screen that evidence quotes. */
const maxValueLength = 200;

function screenEvidence(text: string, command: string, atMs: number): Evidence[] {
  const say = (says: SessionState, value: string): Evidence => ({ source: 'screen', says, value: value.slice(0, maxValueLength), atMs });
  const prompt = readPrompt({ text, command });
  const lines = screenLines(text);
  switch (prompt.kind) {
    case 'approval': {
      const above = lines.slice(0, lines.length - (prompt.promptBlock ?? '').split('\n').length);
      // A question about limits comes on top of the message that says they are used up.
      const cause = prompt.approvalKind === 'menu' ? cellEvidence(above, say).filter((one) => one.says === 'out-of-tokens') : [];
      return [...cause, say(prompt.approvalKind === 'login' ? 'auth-needed' : 'needs-input', `${prompt.approvalKind ?? ''}: ${prompt.approvalCommand ?? ''}`)];
    }
    case 'codex-composer': {
      const found = cellEvidence(lines.slice(0, findComposer(lines, null)?.first ?? lines.length), say);
      return found.length > 0 ? found : [say('idle', prompt.promptText === '' ? 'empty composer' : `composer: ${prompt.promptText ?? ''}`)];
    }
    case 'shell':
      return [say('shell', prompt.promptBlock ?? '')];
    case 'none':
      return [];
  }
}

function cellEvidence(lines: string[], say: (says: SessionState, value: string) => Evidence): Evidence[] {
  const cell = lastCell(lines);
  const marker = cellMarkers.find((one) => one.pattern.test(cell));
  return marker ? [say(marker.says, `${marker.id}: ${cell}`)] : [];
}

function decide(evidence: Evidence[]): SessionState {
  const says = (source: Evidence['source'], ...states: SessionState[]) => evidence.some((one) => one.source === source && states.includes(one.says));
  if (says('link', 'offline')) return 'offline';
  // A shell in front and nothing of Codex on the screen: whatever the title says was left behind by a Codex that ended.
  const onScreen = evidence.filter((one) => one.source === 'screen' && one.says !== 'shell').map((one) => one.says);
  if (says('command', 'shell') && onScreen.length === 0) return 'shell';
  if (says('title', 'needs-input')) return 'needs-input';
  // Questions do not show in the title, and the screen under one does not move.
  if (onScreen.includes('needs-input')) return onScreen.includes('out-of-tokens') ? 'out-of-tokens' : 'needs-input';
  // While text streams the screen looks idle; the title's spinner knows better.
  if (says('title', 'working') || onScreen.includes('working')) return 'working';
  return onScreen[0] ?? evidence.find((one) => one.source === 'title')?.says ?? evidence.find((one) => one.says === 'shell')?.says ?? 'unknown';
}
