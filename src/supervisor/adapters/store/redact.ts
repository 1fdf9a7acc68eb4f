/** What stands where a secret was. */
const redacted = '[redacted]';

/** Ordered: the specific forms first, so that a general one does not cut them in half. Each matches in linear time. */
const patterns: readonly { pattern: RegExp; replacement: string }[] = [
  { pattern: /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g, replacement: redacted },
  { pattern: /\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/g, replacement: redacted },
  { pattern: /\b(Bearer|Basic)(\s+)[\w.~+/=-]{8,}/gi, replacement: `$1$2${redacted}` },
  { pattern: /\b(?:sk|rk|pk|sess|rt|at)[-_][\w-]{16,}/g, replacement: redacted },
  { pattern: /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abposr]-|npm_|hf_|AKIA|ASIA|AIza|ya29\.)[\w-]{10,}/g, replacement: redacted },
  { pattern: /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{0,100}:)[^\s/@]{1,200}(?=@)/gi, replacement: `$1${redacted}` },
  {
    pattern: /((?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|credentials?)["']?\s{0,3}[=:]\s{0,3})(?:"[^"\n]*"|'[^'\n]*'|[^\s"',;&}\]]+)/gi,
    replacement: `$1${redacted}`,
  },
  { pattern: /(--(?:password|passphrase|token|secret|api-key)\s+)(?:"[^"\n]*"|'[^'\n]*'|[^\s"']+)/gi, replacement: `$1${redacted}` },
];

const secretName = /^(?:.*[_-])?(?:password|passwd|passphrase|secret|token|api_?key|authorization|cookie)$/i;

/** The text with everything that looks like a credential replaced. A net, not a proof: a secret without any form stays. */
export function redact(text: string): string {
  return patterns.reduce((result, { pattern, replacement }) => result.replace(pattern, replacement), text);
}

/** A JSON value with every string redacted, and every value under a name like `password` or `refresh_token` replaced whole. */
export function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map(redactValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isSecretName(name) && (typeof inner === 'string' || typeof inner === 'object') && inner !== null ? redacted : redactValue(inner)]),
  );
}

function isSecretName(name: string): boolean {
  return secretName.test(name.replace(/([a-z])([A-Z])/g, '$1_$2'));
}
