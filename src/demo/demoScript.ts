import type { ModelRequest } from './model/modelRequest.ts';
import type { Step } from './model/steps.ts';

const tools = 'mcp__cockpit';

/**
 * What the scripted model of the demo makes of a prompt: `type TEXT` types TEXT into the remote, anything else looks at the session and reports. Prompts of the
 * scripted model itself (`slow 5`, `call …`) keep working.
 */
export function demoScript(request: ModelRequest): Step | null {
  const text = /^type (.+)/s.exec(request.prompt)?.[1];
  if (text === undefined && /^(slow|think|shell|esc|call|usage|sequence|http\d|429|ctxfull|overload|dropstream|quotafail)/.test(request.prompt)) return null;
  const done = request.outputs.length;
  if (done === 0) return { kind: 'call', tool: 'session_status', args: {}, namespace: tools };
  if (done === 1 && text !== undefined) return { kind: 'call', tool: 'send_text', args: { text }, namespace: tools };
  return { kind: 'say', text: text === undefined ? `I looked at the session. ${summary(request)}` : `I asked cockpit to type it. ${summary(request)}` };
}

function summary(request: ModelRequest): string {
  const last = request.outputs.at(-1) ?? '';
  const mode = /"mode":"([a-z-]+)"/.exec(last)?.[1];
  const outcome = /"outcome":"([a-z]+)"/.exec(last)?.[1];
  if (outcome !== undefined) return `The write was ${outcome}.`;
  return mode === undefined ? 'It answered.' : `It is ${mode}; I leave it alone.`;
}
