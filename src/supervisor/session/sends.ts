import type { ToolContext, ToolInput, WriteResult, KeyName } from '../protocol/sessionTools.ts';
import type { SessionContext } from './sessionContext.ts';
import { write, type WriteStep } from './write.ts';

/** MCP-2 `send_text`: the text as one paste, then Enter unless it is staged. */
export function sendText(context: SessionContext, input: ToolInput<'send_text'>, call: ToolContext): Promise<WriteResult> {
  const text: WriteStep = { kind: 'text', text: input.text };
  return write(context, { tool: 'send_text', detail: input.text, steps: input.submit ? [text, keyStep('Enter')] : [text] }, call);
}

/** MCP-2 `send_input`: text and keys in one call. */
export function sendInput(context: SessionContext, input: ToolInput<'send_input'>, call: ToolContext): Promise<WriteResult> {
  const steps = input.actions.map((action): WriteStep => (action.type === 'text' ? { kind: 'text', text: action.text } : keyStep(action.key)));
  const detail = input.actions.map((action) => (action.type === 'text' ? action.text : `<${action.key}>`)).join('');
  return write(context, { tool: 'send_input', detail, steps }, call);
}

/** MCP-2 `send_keys`. */
export function sendKeys(context: SessionContext, input: ToolInput<'send_keys'>, call: ToolContext): Promise<WriteResult> {
  return write(context, { tool: 'send_keys', detail: named(input.keys), steps: input.keys.map(keyStep) }, call);
}

/** MCP-2 `interrupt`. */
export function interrupt(context: SessionContext, input: ToolInput<'interrupt'>, call: ToolContext): Promise<WriteResult> {
  return write(context, { tool: 'interrupt', detail: named([input.key]), steps: [keyStep(input.key)] }, call);
}

/** MCP-2 `clear_scrollback`. */
export function clearScrollback(context: SessionContext, _input: ToolInput<'clear_scrollback'>, call: ToolContext): Promise<WriteResult> {
  return write(context, { tool: 'clear_scrollback', detail: 'history cleared', steps: [{ kind: 'clear-history' }] }, call);
}

const keyStep = (key: KeyName): WriteStep => ({ kind: 'key', key });

const named = (keys: readonly KeyName[]): string => keys.map((key) => `<${key}>`).join('');
