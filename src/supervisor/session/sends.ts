import type { ToolContext, ToolInput, WriteResult, KeyName } from '../protocol/sessionTools.ts';
import { keyBytes } from './keyBytes.ts';
import type { SessionContext } from './sessionContext.ts';
import { write, type WriteStep } from './write.ts';

/** Codex takes an Enter within 120 ms of pasted text as a newline. */
const enterPauseMs = 160;

const enter: WriteStep = { payload: { kind: 'keys', bytes: Buffer.from('\r') }, pauseBeforeMs: enterPauseMs };

/** MCP-2 `send_text`: the text as one paste, then Enter unless it is staged. */
export function sendText(context: SessionContext, input: ToolInput<'send_text'>, call: ToolContext): Promise<WriteResult> {
  const paste: WriteStep = { payload: { kind: 'paste', bytes: Buffer.from(input.text, 'utf8') }, pauseBeforeMs: 0 };
  return write(context, 'send_text', input.text, input.submit ? [paste, enter] : [paste], call);
}

/** MCP-2 `send_input`: text and keys in one call. */
export function sendInput(context: SessionContext, input: ToolInput<'send_input'>, call: ToolContext): Promise<WriteResult> {
  const steps = input.actions.map((action, at): WriteStep => {
    if (action.type === 'text') return { payload: { kind: 'paste', bytes: Buffer.from(action.text, 'utf8') }, pauseBeforeMs: 0 };
    const afterText = input.actions[at - 1]?.type === 'text';
    return { payload: { kind: 'keys', bytes: keyBytes(action.key) }, pauseBeforeMs: afterText ? enterPauseMs : 0 };
  });
  const detail = input.actions.map((action) => (action.type === 'text' ? action.text : `<${action.key}>`)).join('');
  return write(context, 'send_input', detail, steps, call);
}

/** MCP-2 `send_keys`. */
export function sendKeys(context: SessionContext, input: ToolInput<'send_keys'>, call: ToolContext): Promise<WriteResult> {
  return write(context, 'send_keys', named(input.keys), input.keys.map(keyStep), call);
}

/** MCP-2 `interrupt`. */
export function interrupt(context: SessionContext, input: ToolInput<'interrupt'>, call: ToolContext): Promise<WriteResult> {
  return write(context, 'interrupt', named([input.key]), [keyStep(input.key)], call);
}

/** MCP-2 `clear_scrollback`. */
export function clearScrollback(context: SessionContext, _input: ToolInput<'clear_scrollback'>, call: ToolContext): Promise<WriteResult> {
  return write(context, 'clear_scrollback', 'history cleared', [{ payload: { kind: 'clear-history' }, pauseBeforeMs: 0 }], call);
}

const keyStep = (key: KeyName): WriteStep => ({ payload: { kind: 'keys', bytes: keyBytes(key) }, pauseBeforeMs: 0 });

const named = (keys: readonly KeyName[]): string => keys.map((key) => `<${key}>`).join('');
