import { sessionTools, type SessionPort, type SessionToolName, type ToolContext, type ToolInput, type ToolOutput } from '../../../src/supervisor/protocol/sessionTools.ts';

type Handlers = { [N in SessionToolName]?: (input: ToolInput<N>, context: ToolContext) => Promise<ToolOutput<N>> | ToolOutput<N> };

/** A session in memory: records its calls and answers with `handlers`, or with something plain. */
export class FakePort implements SessionPort {
  readonly calls: { tool: SessionToolName; input: unknown; meta: Record<string, string> }[] = [];
  readonly #handlers: Handlers;
  readonly #session: string;

  constructor(session = 'ai/$1', handlers: Handlers = {}) {
    this.#session = session;
    this.#handlers = handlers;
  }

  async call<N extends SessionToolName>(tool: N, input: ToolInput<N>, context: ToolContext): Promise<ToolOutput<N>> {
    this.calls.push({ tool, input, meta: context.meta });
    const handler = this.#handlers[tool] as ((input: ToolInput<N>, context: ToolContext) => Promise<ToolOutput<N>>) | undefined;
    if (handler) return await handler(input, context);
    return sessionTools[tool].output.parse(plainOutput(tool, this.#session)) as ToolOutput<N>;
  }
}

/** Waits until the signal aborts and then throws its reason, as a long poll does. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => { reject(signal.reason as Error); }, { once: true });
  });
}

const view = { text: 'hello\nworld', epoch: 3, owner: 'agent', ageMs: 12 };
const written = { outcome: 'accepted', reason: null, explanation: 'It went in.', epoch: 3, screenReacted: true, auditId: 'a1' };

function plainOutput(tool: SessionToolName, session: string): unknown {
  switch (tool) {
    case 'session_status':
      return {
        session, name: 'cockpit-main', mode: 'needs-input', promptText: null, promptBlock: 'Run it?', approvalCommand: 'rm -r build', approvalRisk: 'destructive',
        approvalOptions: [{ key: '1', label: 'Yes', selected: true }], fingerprint: 'f1', owner: 'agent', claimAgeMs: null, epoch: 3, link: 'online',
        evidence: [{ source: 'title', says: 'needs-input', value: '[ ! ] Action Required', ageMs: 5 }],
      };
    case 'capture_snapshot':
      return view;
    case 'capture_prompt':
      return { ...view, fingerprint: null };
    case 'get_settled_delta':
      return { ...view, changed: true };
    case 'wait_for_change':
      return { ...view, changed: true, why: 'screen' };
    case 'list_remote_sessions':
      return { sessions: [{ id: '$1', name: 'cockpit-main', state: 'idle', own: true }] };
    case 'read_action_log':
      return { actions: [{ id: 'a1', at: '2025-01-01T00:00:00Z', tool: 'send_text', detail: 'hello', outcome: 'accepted', reason: null }] };
    case 'send_text':
    case 'send_input':
    case 'send_keys':
    case 'approve_prompt':
    case 'interrupt':
    case 'clear_scrollback':
      return written;
    case 'install_remote_auth':
      return { outcome: 'installed', account: 'work', explanation: 'It is there.', auditId: 'a2' };
  }
}

/** An input that the tool's schema accepts. */
export function plainInput(tool: SessionToolName): Record<string, unknown> {
  switch (tool) {
    case 'send_text':
      return { text: 'go on;' };
    case 'send_input':
      return { actions: [{ type: 'text', text: 'x' }, { type: 'key', key: 'Enter' }] };
    case 'send_keys':
      return { keys: ['Escape'] };
    case 'approve_prompt':
      return { option: '1', fingerprint: 'f1' };
    case 'session_status':
    case 'capture_snapshot':
    case 'capture_prompt':
    case 'get_settled_delta':
    case 'wait_for_change':
    case 'interrupt':
    case 'clear_scrollback':
    case 'install_remote_auth':
    case 'list_remote_sessions':
    case 'read_action_log':
      return {};
  }
}
