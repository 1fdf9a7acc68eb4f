import type { AgentState } from './agent.ts';
import type { Config, HostConfig } from './config.ts';
import type { Ownership } from './ownership.ts';
import type { SessionState } from './remoteSession.ts';

/** What decides about a nudge of one session, as it is now. */
export type WakeInput = {
  /** Switch of the host (F5). */
  isOn: boolean;
  isOnline: boolean;
  agent: AgentState;
  remote: SessionState;
  ownership: Ownership;
  approvals: HostConfig['approvals'];
  /** Whether the policy lets the agent answer what the remote asks, where it may not answer all. */
  mayAnswer: boolean;
  /** Why the agent's account cannot serve it now, in words for a person, or null: a nudge would only fail (ACCT-4, ACCT-6). */
  noAccount: string | null;
  /** Tokens that the agent's thread has used so far. */
  tokens: number;
};

/** A nudge whose use is not decided yet: useful once an accepted write was followed by remote work (WAKE-4). */
type OpenNudge = { atMs: number; wrote: boolean };

/** Everything remembered about the nudges of one session. Times are monotonic ms. */
export type WakeState = {
  sent: number;
  useful: number;
  /** Tokens that the agent used in the turns of nudges. */
  tokens: number;
  tokensSeen: number;
  /** Since when the agent has been idle with nothing to hold a nudge back; null while something does. */
  readySinceMs: number | null;
  /** Nudges of the last hour. */
  recentMs: number[];
  uselessInRow: number;
  /** Why there are no more nudges, in words for a person; null while there are. */
  off: string | null;
  open: OpenNudge | null;
  remote: SessionState | null;
};

export const freshWake: WakeState = { sent: 0, useful: 0, tokens: 0, tokensSeen: 0, readySinceMs: null, recentMs: [], uselessInRow: 0, off: null, open: null, remote: null };

const usefulWithinMs = 10 * 60_000;
const longestBackoffMs = 15 * 60_000;
const hourMs = 3_600_000;

/** One look at a session: the new state, and whether to nudge now. Pure; call it on every change and when `nextLookMs` says. */
export function lookToWake(before: WakeState, input: WakeInput, limits: Config['wake'], nowMs: number): { state: WakeState; nudge: boolean } {
  const state = judge(count(reset(before, input), input), input, limits, nowMs);
  if (holdsBack(input) !== null) return { state: { ...state, readySinceMs: null }, nudge: false };
  const readySinceMs = state.readySinceMs ?? nowMs;
  const recentMs = state.recentMs.filter((atMs) => nowMs - atMs < hourMs);
  const ready = { ...state, readySinceMs, recentMs };
  const isDue = nowMs - readySinceMs >= waitMs(ready, limits) && recentMs.length < limits.maxPerHour && state.off === null && state.open === null;
  if (!isDue) return { state: ready, nudge: false };
  return { state: { ...ready, sent: ready.sent + 1, recentMs: [...recentMs, nowMs], open: { atMs: nowMs, wrote: false }, readySinceMs: null }, nudge: true };
}

/** When time alone may lead to something again (monotonic ms), after a look that gave this state; null when only a change can. */
export function nextLookMs(state: WakeState, input: WakeInput, limits: Config['wake']): number | null {
  const { open } = state;
  // Right behind a nudge: the wait for the next one is counted from the next look on.
  if (open !== null && state.readySinceMs === null && holdsBack(input) === null) return open.atMs;
  if (open !== null) return open.atMs + (input.agent === 'idle' && !open.wrote ? limits.idleSeconds * 1000 : usefulWithinMs);
  if (state.readySinceMs === null || state.off !== null) return null;
  const budgetMs = state.recentMs.length < limits.maxPerHour ? -Infinity : (state.recentMs[state.recentMs.length - limits.maxPerHour] ?? -Infinity) + hourMs;
  return Math.max(state.readySinceMs + waitMs(state, limits), budgetMs);
}

/** An agent's write was accepted. */
export function sawWrite(state: WakeState): WakeState {
  return state.open === null ? state : { ...state, open: { ...state.open, wrote: true } };
}

/** A nudge that could not be delivered does not count. */
export function nudgeFailed(state: WakeState): WakeState {
  return { ...state, sent: state.sent - 1, recentMs: state.recentMs.slice(0, -1), open: null };
}

/** What keeps a nudge back right now, in words for a person; null when nothing does (WAKE-1, WAKE-4). */
export function holdsBack(input: WakeInput): string | null {
  if (!input.isOn) return 'wake is off for this host';
  if (!input.isOnline) return 'the host is not online';
  if (input.ownership.kind !== 'ours') return 'nobody of this cockpit owns the session';
  if (input.ownership.owner === 'human') return 'you own the session';
  if (input.noAccount !== null) return input.noAccount;
  if (input.agent !== 'idle') return `the agent is ${input.agent}`;
  if (input.remote === 'working') return 'the remote is working';
  if (input.remote === 'needs-input' && input.approvals === 'ask' && !input.mayAnswer) return 'the remote waits for your decision';
  return null;
}

/** A change of the remote's state is news: what was useless before may be useful now. */
function reset(state: WakeState, input: WakeInput): WakeState {
  if (state.remote === input.remote) return state;
  return state.remote === null ? { ...state, remote: input.remote } : { ...state, remote: input.remote, uselessInRow: 0, off: null };
}

function count(state: WakeState, input: WakeInput): WakeState {
  const used = state.tokensSeen === 0 ? 0 : Math.max(0, input.tokens - state.tokensSeen);
  return { ...state, tokens: state.tokens + (state.open === null ? 0 : used), tokensSeen: input.tokens };
}

function judge(state: WakeState, input: WakeInput, limits: Config['wake'], nowMs: number): WakeState {
  const { open } = state;
  if (open === null) return state;
  if (open.wrote && input.remote === 'working') return { ...state, useful: state.useful + 1, uselessInRow: 0, open: null };
  const isOver = nowMs - open.atMs >= usefulWithinMs;
  // The agent has answered without writing: nothing more comes of this nudge.
  const isAnswered = input.agent === 'idle' && !open.wrote && nowMs - open.atMs >= limits.idleSeconds * 1000;
  if (!isOver && !isAnswered) return state;
  const uselessInRow = state.uselessInRow + 1;
  const off = uselessInRow >= limits.giveUpAfter ? `${uselessInRow} nudges in a row led to nothing; a change of the remote starts them again` : null;
  return { ...state, open: null, uselessInRow, off };
}

function waitMs(state: WakeState, limits: Config['wake']): number {
  return Math.min(limits.idleSeconds * 1000 * 2 ** state.uselessInRow, longestBackoffMs);
}
