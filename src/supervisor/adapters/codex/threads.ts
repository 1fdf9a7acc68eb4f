import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { delay } from '../../base/clock.ts';
import type { AgentSpec } from './agentSpec.ts';
import { AppServerError, type AppServerClient } from './appServerClient.ts';
import { threadSchema, type CodexThread } from './appServerEvents.ts';

/** A thread that this client is subscribed to. `replaced` is why it is not the recorded one, or null. */
export type OpenedThread = { thread: CodexThread; model: string; replaced: string | null };

/** An idle thread takes its next message within a few ms; after this time it is held back. */
const heldBackAfterMs = 300;
const queued = z.object({ id: z.string() });
const opened = z.object({ thread: threadSchema, model: z.string() });

/** Resumes the recorded thread, else the newest one of this workdir, else starts one (without a turn). Throws AppServerError, e.g. while the MCP server is away. */
export async function openThread(client: AppServerClient, spec: AgentSpec, threadId: string | null, options: { joined: boolean; signal: AbortSignal }): Promise<OpenedThread> {
  // A running app-server keeps what was chosen in its TUI; one that was just started takes the configured model.
  const settings = options.joined ? {} : settingsOf(spec);
  const lost: string[] = [];
  for (const id of [threadId, await newestThread(client, spec, options.signal)]) {
    if (id === null || lost.includes(id)) continue;
    try {
      const { thread, model } = await client.call('thread/resume', { threadId: id, excludeTurns: true, ...settings }, opened, { signal: options.signal });
      return { thread, model, replaced: replacedBy(threadId, id) };
    } catch (error) {
      if (!isGone(error)) throw error;
      lost.push(id);
    }
  }
  const { thread, model } = await client.call('thread/start', { cwd: spec.workdir, ...settingsOf(spec) }, opened, { signal: options.signal });
  await nameThread(client, thread.id, spec.label, options.signal);
  return { thread, model, replaced: replacedBy(threadId, thread.id) };
}

/** Takes over a thread that the person went to in the TUI (`/new`, `/fork`, `/resume`): keeps it on disk and subscribes to it. Null if it is a helper of another thread. */
export async function adoptThread(client: AppServerClient, spec: AgentSpec, threadId: string, signal: AbortSignal): Promise<OpenedThread | null> {
  const read = await client.call('thread/read', { threadId, includeTurns: false }, z.object({ thread: threadSchema }), { signal });
  if (read.thread.ephemeral || read.thread.parentThreadId || read.thread.attachedToThreadId) return null;
  if (!read.thread.name) await nameThread(client, threadId, spec.label, signal);
  const { thread, model } = await client.call('thread/resume', { threadId, excludeTurns: true }, opened, { signal });
  return { thread, model, replaced: null };
}

/** The turn that runs now, asked from the app-server; null if none does. */
export async function runningTurn(client: AppServerClient, threadId: string): Promise<string | null> {
  const turns = z.object({ data: z.array(z.object({ id: z.string(), status: z.string() })) });
  const { data } = await client.call('thread/turns/list', { threadId, limit: 1, sortDirection: 'desc' }, turns);
  return data.find((turn) => turn.status === 'inProgress')?.id ?? null;
}

/**
 * Queues a message: it runs at once when the thread is idle, else as a turn of its own after the running one. After an interrupted turn
 * Codex holds its queue back; then just this message is started, and what a person queued stays held.
 */
export async function queueMessage(client: AppServerClient, threadId: string, text: string, isBusy: () => boolean): Promise<void> {
  const input = [{ type: 'text', text, text_elements: [] }];
  const { queuedSubmission } = await client.call('thread/queue/add', { threadId, input, clientUserMessageId: randomUUID() }, z.object({ queuedSubmission: queued }));
  const deadlineMs = performance.now() + heldBackAfterMs;
  while (!isBusy()) {
    const { data } = await client.call('thread/queue/list', { threadId }, z.object({ data: z.array(queued) }));
    if (!data.some(({ id }) => id === queuedSubmission.id)) return;
    if (performance.now() > deadlineMs) {
      await client.call('thread/queue/start', { threadId, queuedSubmissionId: queuedSubmission.id }, z.unknown());
      return;
    }
    await delay(20);
  }
}

/** Naming writes the thread to disk, so that it survives without any turn. */
async function nameThread(client: AppServerClient, threadId: string, name: string, signal: AbortSignal): Promise<void> {
  await client.call('thread/name/set', { threadId, name }, z.unknown(), { signal });
}

async function newestThread(client: AppServerClient, spec: AgentSpec, signal: AbortSignal): Promise<string | null> {
  const list = z.object({ data: z.array(z.object({ id: z.string() })) });
  const { data } = await client.call('thread/list', { cwd: spec.workdir, limit: 1, sortKey: 'updated_at', sortDirection: 'desc' }, list, { signal });
  return data[0]?.id ?? null;
}

function settingsOf(spec: AgentSpec): Record<string, string> {
  return { model: spec.model, sandbox: spec.sandbox, approvalPolicy: 'never' };
}

function isGone(error: unknown): boolean {
  return error instanceof AppServerError && error.code === 'codex-refused' && /no rollout found|not found|no saved session|invalid session id/i.test(error.message);
}

function replacedBy(wanted: string | null, got: string): string | null {
  return wanted === null || wanted === got ? null : `the recorded thread ${wanted} is gone, ${got} took its place`;
}
