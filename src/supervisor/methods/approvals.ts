import { codeOf, HumanError } from '../base/errors.ts';
import { approvalRisk } from '../domain/approvalPolicy.ts';
import type { Host, RemoteSession } from '../domain/fleet.ts';
import { readPrompt } from '../domain/promptReading.ts';
import { waiting } from '../domain/selection.ts';
import type { WaitingView } from '../protocol/api.ts';
import type { ToolContext } from '../protocol/sessionTools.ts';
import { resolveSession } from '../resolveSession.ts';
import { ownerOf } from '../statusOf.ts';
import type { MethodContext } from './context.ts';

/** What waits for a person, the longest first, each with its approval as it stands on the screen now. */
export async function listWaiting(context: MethodContext): Promise<WaitingView[]> {
  return Promise.all(waiting(context.supervisor.fleet).map(({ host, session }) => viewOf(context, host, session)));
}

async function viewOf(context: MethodContext, host: Host, session: RemoteSession): Promise<WaitingView> {
  const { id, name } = session.observed;
  const evidence = session.evidence.find(({ says }) => says === session.state);
  return {
    session: `${host.config.alias}/${id}`,
    name,
    state: session.state,
    waitingMs: Math.max(0, Math.round(context.clock.nowMs() - session.stateSinceMs)),
    what: evidence?.value ?? '',
    owner: ownerOf(session),
    approval: await approvalOf(context, host, session),
  };
}

async function approvalOf(context: MethodContext, host: Host, { observed }: RemoteSession): Promise<WaitingView['approval']> {
  const link = context.hosts.link(host.config.alias);
  if (!link?.isOnline) return null;
  try {
    const prompt = readPrompt(await link.capture(observed.id), context.markers());
    const { approvalKind, approvalCommand, fingerprint } = prompt;
    if (approvalKind === null || fingerprint === null) return null;
    const { risk, why } = approvalRisk(prompt);
    return { kind: approvalKind, command: approvalCommand ?? '', isCut: prompt.isCut, risk, why, options: prompt.approvalOptions, fingerprint };
  } catch (error) {
    // The session or the link went away between the listing and the look: nothing is asked any more.
    if (codeOf(error) === undefined) throw error;
    return null;
  }
}

/** `cockpit approve`: gives the operator's answer to exactly the approval that they read; the audit has it as theirs. */
export async function answerApproval(context: MethodContext, params: { session: string; option: string; fingerprint: string }, signal: AbortSignal): Promise<{ outcome: 'accepted' | 'refused' | 'partial' | 'unknown'; explanation: string }> {
  const { ref } = resolveSession(context.supervisor.fleet, params.session);
  const port = context.createPort(ref, 'human');
  const call: ToolContext = { signal, meta: {}, progress: () => undefined };
  const { fingerprint } = await port.call('session_status', {}, call);
  if (fingerprint === null) throw new HumanError('no-approval', `${params.session} asks nothing any more. Nothing was typed.`);
  if (!fingerprint.startsWith(params.fingerprint)) throw new HumanError('approval-changed', `${params.session} asks something else than you read. Nothing was typed. \`cockpit approve ${params.session}\` shows it.`);
  const { outcome, explanation } = await port.call('approve_prompt', { option: params.option, fingerprint }, call);
  return { outcome, explanation };
}
