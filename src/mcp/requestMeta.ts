const idPattern = /^[\w.:-]{1,128}$/;

/** The ids that Codex sends in a call's `_meta`, for the audit row: callId, itemId, threadId and turnId. What is missing or not an id is left out. */
export function requestMeta(meta: unknown): Record<string, string> {
  const fields = recordOf(meta);
  const turn = recordOf(fields['x-codex-turn-metadata']);
  const found = {
    callId: fields['callId'],
    itemId: fields['itemId'],
    threadId: fields['threadId'] ?? turn['thread_id'],
    turnId: turn['turn_id'],
  };
  const ids: Record<string, string> = {};
  for (const [key, value] of Object.entries(found)) {
    if (typeof value === 'string' && idPattern.test(value)) ids[key] = value;
  }
  return ids;
}

function recordOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'string') return recordOf(parsedJson(value));
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Metadata also comes as a JSON string; a string that is no JSON holds no ids. */
function parsedJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? null : value;
  } catch {
    return null;
  }
}
