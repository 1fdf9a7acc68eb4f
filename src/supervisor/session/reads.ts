import { readMarkCommand } from '../adapters/tmux/claim.ts';
import { readPrompt, type PromptReading } from '../domain/promptReading.ts';
import type { ScreenState } from '../domain/screenState.ts';
import type { ToolInput, ToolOutput } from '../protocol/sessionTools.ts';
import { claimAgeMs, ownerOf } from '../statusOf.ts';
import { currentSession, openLink, type SessionContext } from './sessionContext.ts';

/** Longest text that goes to the reader, in characters; the newest lines are kept. */
const maxText = 60_000;

/** MCP-2 `session_status`: everything about the session in one read; refreshes the observed epoch. */
export async function sessionStatus(context: SessionContext): Promise<ToolOutput<'session_status'>> {
  const screen = await look(context, 0);
  const { host, session } = currentSession(context);
  const prompt = readPrompt(screen);
  context.lastFingerprint = prompt.fingerprint;
  const nowMs = context.deps.clock.nowMs();
  return {
    session: `${context.ref.alias}/${context.ref.id}`,
    name: session.observed.name,
    mode: session.state,
    promptText: prompt.promptText,
    promptBlock: prompt.promptBlock,
    approvalCommand: prompt.approvalCommand,
    approvalOptions: prompt.approvalOptions,
    fingerprint: prompt.fingerprint,
    owner: ownerOf(session),
    claimAgeMs: claimAgeMs(session, nowMs),
    epoch: context.observed?.epoch ?? null,
    link: host.link,
    evidence: session.evidence.map(({ source, says, value, atMs }) => ({ source, says, value, ageMs: Math.max(0, Math.round(nowMs - atMs)) })),
  };
}

/** MCP-2 `capture_snapshot`: the screen, with some history if asked for. */
export async function captureSnapshot(context: SessionContext, input: ToolInput<'capture_snapshot'>): Promise<ToolOutput<'capture_snapshot'>> {
  const screen = await look(context, input.historyLines);
  return viewOf(context, screen.text, screen);
}

/** MCP-2 `capture_prompt`: the prompt, composer or approval block only. */
export async function capturePrompt(context: SessionContext): Promise<ToolOutput<'capture_prompt'>> {
  const screen = await look(context, 0);
  const prompt = readPrompt(screen);
  context.lastFingerprint = prompt.fingerprint;
  return { ...viewOf(context, prompt.promptBlock ?? '', screen), fingerprint: prompt.fingerprint };
}

/** Reads screen and ownership from the remote; what the reader saw is the epoch that its next write carries (OWN-4). */
export async function look(context: SessionContext, historyLines: number): Promise<ScreenState> {
  currentSession(context);
  const link = openLink(context);
  const [{ mark, server }, screen] = await Promise.all([link.request(readMarkCommand(context.ref.id)), link.capture(context.ref.id, historyLines)]);
  context.deps.observe({ kind: 'ownership', alias: context.ref.alias, id: context.ref.id, mark, server });
  context.observed = { epoch: mark.epoch, server };
  if (historyLines === 0) context.lastSeenText = screen.text;
  return screen;
}

/** The fields that every screen tool answers with. */
export function viewOf(context: SessionContext, text: string, screen: ScreenState): ToolOutput<'capture_snapshot'> {
  const { session } = currentSession(context);
  return {
    text: text.slice(-maxText),
    epoch: context.observed?.epoch ?? null,
    owner: ownerOf(session),
    ageMs: Math.max(0, Math.round(context.deps.clock.nowMs() - screen.readAtMs)),
  };
}

/** The approval on a screen, for `approve_prompt`. */
export async function readApproval(context: SessionContext): Promise<PromptReading> {
  return readPrompt(await look(context, 0));
}
