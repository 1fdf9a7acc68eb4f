import { z } from 'zod';
import type { ModelRequest } from './modelRequest.ts';

/** How the scripted model fails, named after what Codex makes of it. */
export const failures = ['429usage', '429model', '429workspace', '429quota', '429notincluded', '429rate', 'ctxfull', 'quotafail', 'overload', 'dropstream'] as const;
export type Failure = (typeof failures)[number];

/** What the scripted model does with one request. */
export type Step =
  /** Streams words, `wordDelayMs` apart (default 5). */
  | { kind: 'say'; text: string; wordDelayMs?: number; /** input tokens that are reported, default 1200 */ inputTokens?: number }
  | { kind: 'think'; seconds: number; text: string }
  /** Calls a tool; tools of MCP servers have a namespace (`mcp__cockpit`). */
  | { kind: 'call'; tool: string; args: Record<string, unknown>; namespace?: string }
  | { kind: 'fail'; failure: Failure }
  | { kind: 'http'; status: number };

const cockpitTools = 'mcp__cockpit';

/**
 * The step that a prompt asks for: `slow N`, `think N`, `shell CMD`, `esc CMD`, `call TOOL {json}` (or `call TOOL ns=NAMESPACE {json}`),
 * `usage N`, `httpNNN`, the name of a failure, `sequence ["prompt", …]` (one entry per request of the turn), or any other text, which is answered.
 */
export function stepFor(request: ModelRequest): Step {
  const list = /^sequence (\[.*\])$/.exec(request.prompt)?.[1];
  if (list === undefined) return request.outputs.length > 0 ? toolSaid(request) : stepOfPrompt(request.prompt);
  const prompts = z.array(z.string()).parse(JSON.parse(list));
  const prompt = prompts[request.outputs.length];
  return prompt === undefined ? toolSaid(request) : stepOfPrompt(prompt);
}

/** The step of one scripted prompt, without its place in a turn. */
export function stepOfPrompt(prompt: string): Step {
  const failure = failures.find((name) => name === prompt);
  if (failure !== undefined) return { kind: 'fail', failure };
  const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(prompt) ?? [];
  const status = /^http(\d{3})$/.exec(word)?.[1];
  if (status !== undefined) return { kind: 'http', status: Number(status) };
  const amount = /^\d+$/.test(rest) ? Number(rest) : null;
  if (word === 'slow' && amount !== null) return { kind: 'say', text: words(amount * 4), wordDelayMs: 250 };
  if (word === 'think' && amount !== null) return { kind: 'think', seconds: amount, text: 'thought about it' };
  if (word === 'usage' && amount !== null) return { kind: 'say', text: 'big usage', inputTokens: amount };
  if (word === 'shell' && rest !== '') return { kind: 'call', tool: 'exec_command', args: { cmd: rest } };
  if (word === 'esc' && rest !== '') return escalated(rest);
  return (word === 'call' ? callOf(rest) : null) ?? { kind: 'say', text: `Hello from the scripted model. You said: ${prompt.slice(0, 80)}` };
}

function callOf(rest: string): Step | null {
  const [, tool, namespace, json] = /^(\S+)(?: ns=(\S+))?(?: (\{.*\}))?$/s.exec(rest) ?? [];
  if (tool === undefined) return null;
  const args = z.record(z.string(), z.unknown()).parse(JSON.parse(json ?? '{}'));
  return { kind: 'call', tool, args, namespace: namespace ?? cockpitTools };
}

function escalated(cmd: string): Step {
  return { kind: 'call', tool: 'exec_command', args: { cmd, sandbox_permissions: 'require_escalated', justification: 'Do you want to let me run this outside the sandbox?' } };
}

function toolSaid(request: ModelRequest): Step {
  return { kind: 'say', text: `Tool said: ${(request.outputs.at(-1) ?? 'nothing').slice(0, 300).replaceAll('\n', ' | ')}` };
}

const words = (count: number): string => Array.from({ length: count }, (_, index) => `w${index} `).join('');
