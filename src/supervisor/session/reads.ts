import { approvalRisk } from '../domain/approvalPolicy.ts';
import { readPrompt } from '../domain/promptReading.ts';
import { readState } from '../domain/stateReading.ts';
import type { ToolContext, ToolInput, ToolOutput } from '../protocol/sessionTools.ts';
import { claimAgeMs } from '../domain/claim.ts';
import { ownerOf } from '../statusOf.ts';
import { look, noteSeen, type Sight } from './look.ts';
import { currentSession, type SessionContext } from './sessionContext.ts';

/** Longest text that goes to the reader, in characters; the newest lines are kept. */
const maxText = 60_000;

/** MCP-2 `session_status`: everything about the session, from one read; refreshes the observed epoch. */
export async function sessionStatus(context: SessionContext, _input: ToolInput<'session_status'>, call: ToolContext): Promise<ToolOutput<'session_status'>> {
  const sight = await look(context);
  const { host, session } = currentSession(context);
  const { screen, observed } = sight;
  const markers = context.deps.markers();
  const prompt = readPrompt(screen, markers);
  const nowMs = context.deps.clock.nowMs();
  // Of this very screen: the fleet learns of it when it has settled, and the mode must fit to the prompt beside it.
  const { state, evidence } = readState({ title: screen.title, command: screen.command, screenText: screen.text, cursor: screen.cursor, online: true, atMs: screen.readAtMs, markers });
  noteSeen(context, sight, call, { withScreen: false });
  context.lastFingerprint = prompt.fingerprint;
  return {
    session: `${context.ref.alias}/${context.ref.id}`,
    name: session.observed.name.slice(0, maxText),
    mode: state,
    promptText: newest(prompt.promptText),
    promptBlock: newest(prompt.promptBlock),
    approvalCommand: newest(prompt.approvalCommand),
    approvalRisk: prompt.fingerprint === null ? null : approvalRisk(prompt).risk,
    approvalOptions: prompt.approvalOptions.map((option) => ({ ...option, label: option.label.slice(0, maxText) })),
    fingerprint: prompt.fingerprint,
    owner: ownerOf(session),
    claimAgeMs: claimAgeMs(session, nowMs),
    epoch: observed.mark.epoch,
    link: host.link,
    evidence: evidence.map(({ source, says, value, atMs }) => ({ source, says, value, ageMs: Math.max(0, Math.round(nowMs - atMs)) })),
  };
}

/** MCP-2 `capture_snapshot`: the screen, with some history if asked for. */
export async function captureSnapshot(context: SessionContext, input: ToolInput<'capture_snapshot'>, call: ToolContext): Promise<ToolOutput<'capture_snapshot'>> {
  const sight = await look(context);
  // Read behind the screen: what came between is told again by the next delta, never lost.
  const text = input.historyLines > 0 ? (await look(context, input.historyLines)).screen.text : sight.screen.text;
  noteSeen(context, sight, call, { withScreen: true });
  return viewOf(context, text, sight);
}

/** MCP-2 `capture_prompt`: the prompt, composer or approval block only. */
export async function capturePrompt(context: SessionContext, _input: ToolInput<'capture_prompt'>, call: ToolContext): Promise<ToolOutput<'capture_prompt'>> {
  const sight = await look(context);
  const prompt = readPrompt(sight.screen, context.deps.markers());
  noteSeen(context, sight, call, { withScreen: false });
  context.lastFingerprint = prompt.fingerprint;
  return { ...viewOf(context, prompt.promptBlock ?? '', sight), fingerprint: prompt.fingerprint };
}

/** The fields that every screen tool answers with. */
export function viewOf(context: SessionContext, text: string, { observed, screen }: Sight): ToolOutput<'capture_snapshot'> {
  const { session } = currentSession(context);
  return {
    text: text.slice(-maxText),
    epoch: observed.mark.epoch,
    owner: ownerOf(session),
    ageMs: Math.max(0, Math.round(context.deps.clock.nowMs() - screen.readAtMs)),
  };
}

function newest(text: string | null): string | null {
  return text === null ? null : text.slice(-maxText);
}
