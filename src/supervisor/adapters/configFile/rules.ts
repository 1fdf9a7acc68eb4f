import { z } from 'zod';
import { agentLimits } from '../../domain/approvalPolicy.ts';

/** Units of a duration, in milliseconds. */
const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Milliseconds of a duration like `2s` or `15m`, or null if it is none. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text);
  if (match === null) return null;
  const unit = match[2];
  return unit === 'ms' || unit === 's' || unit === 'm' || unit === 'h' ? Number(match[1]) * unitMs[unit] : null;
}

/** Text that fits `allowed`; `wanted` ends the sentence "is not allowed: use …". */
const text = (allowed: (value: string) => boolean, wanted: string) => z.string({ error: wanted }).refine(allowed, { error: wanted });

const oneOf = <const T extends readonly [string, ...string[]]>(values: T) => z.enum(values, { error: `use ${words(values)}` });

const duration = (min: string, max: string, canBeOff: boolean) => {
  const wanted = `use a duration from ${min} to ${max} with its unit${canBeOff ? ', or off' : ''} (units: ms, s, m, h)`;
  return text((value) => {
    const ms = parseDuration(value);
    if (ms === null) return canBeOff && value === 'off';
    return ms >= (parseDuration(min) ?? 0) && ms <= (parseDuration(max) ?? 0);
  }, wanted);
};

const whole = (min: number, max: number) => {
  const error = `use a whole number from ${min} to ${max}`;
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
};

const yesNo = z.boolean({ error: 'use true or false' });

// Whitespace and control characters are found by their Unicode class, so that a no-break space does not get through either.
const isWord = (value: string) => /^[^\s\p{C}]+$/u.test(value) && !value.startsWith('-');
const alias = text((value) => isWord(value) && !value.includes('/') && value !== '.' && value !== '..', 'use a name without spaces or `/` that does not start with `-`');
const sshTarget = text(isWord, 'use what `ssh` is called with: no spaces, not starting with `-`');
const tmuxSocket = text((value) => /^[A-Za-z0-9._/@-]+$/.test(value), 'use a name (tmux -L) or a path (tmux -S) of letters, digits and . _ - @ /, or null');
const model = text((value) => isWord(value), 'use the name of a model, without spaces');
const accountKey = text((value) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value), 'use letters, digits and . _ -, starting with a letter or digit');
const email = text((value) => /^[^\s@]+@[^\s@]+$/.test(value), 'use an e-mail address');
const line = (wanted: string) => text((value) => value.trim() !== '' && !value.includes('\0'), wanted);

const codexValue: z.ZodType<CodexValue> = z.lazy(() =>
  z.union([z.string(), z.number(), z.boolean(), z.array(codexValue), z.record(z.string(), codexValue)], { error: 'use text, a number, true, false, a list or a map (TOML has no null)' }),
);
type CodexValue = string | number | boolean | CodexValue[] | { [key: string]: CodexValue };
const codexConfig = z.record(z.string(), codexValue, { error: 'use a map of settings of Codex, like {}' }).nullish();

const host = z.strictObject(
  {
    alias,
    ssh_target: sshTarget.optional(),
    transport: oneOf(['openssh', 'ssh2', 'local']).optional(),
    tmux_socket: tmuxSocket.nullable().optional(),
    forward_agent: yesNo.optional(),
    wake: yesNo.optional(),
    approvals: oneOf(['bypass', 'ask']).optional(),
    remote_auth: oneOf(['ask', 'allow', 'never']).optional(),
    claim_on_any_key: yesNo.optional(),
    codex_config: codexConfig,
  },
  { error: 'use a map with at least `alias: NAME`' },
);

const account = z.strictObject({ key: accountKey, email, password: line('use the password as text').nullable().optional() }, { error: 'use a map with `key` and `email`' });

const wake = z.strictObject(
  { idle_seconds: whole(1, 86_400).optional(), max_per_hour: whole(0, 3600).optional(), give_up_after: whole(1, 1000).optional() },
  { error: 'use a map of idle_seconds, max_per_hour and give_up_after' },
);

/** The keys of `config.yaml` as a person writes them. An error's message ends the sentence "X is not allowed: …". */
export const configRules = z.strictObject(
  {
    hosts: z.array(host, { error: 'use a list of hosts, like `- alias: NAME`' }).nullish(),
    accounts: z.array(account, { error: 'use a list of accounts, like `- key: NAME`' }).nullish(),
    local_agent_model: model.optional(),
    remote_agent_model: model.optional(),
    local_agent_sandbox: oneOf(['read-only', 'workspace-write', 'danger-full-access']).optional(),
    poll_interval: duration('200ms', '1h', false).optional(),
    max_agents: whole(0, 1000).optional(),
    agent_may_approve: oneOf(agentLimits).optional(),
    claim_timeout: duration('1s', '24h', true).optional(),
    wake: wake.optional(),
    on_attention: line('use a command line, or null').nullable().optional(),
    codex_path: line('use the name or path of the codex binary').optional(),
    codex_config: codexConfig,
  },
  { error: 'use a map of settings, like `hosts: []`' },
);

/** A valid `config.yaml` as plain data, defaults not filled in. */
export type RawConfig = z.infer<typeof configRules>;
export type RawHost = z.infer<typeof host>;
export type RawAccount = z.infer<typeof account>;

/** The keys that the map at `path` may have. */
export function allowedKeys(path: readonly PropertyKey[]): string[] {
  const shapes: Record<string, object> = { '': configRules.shape, hosts: host.shape, accounts: account.shape, wake: wake.shape };
  return Object.keys(shapes[String(path[0] ?? '')] ?? {});
}

/** `a, b or c`. */
function words(values: readonly string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1) ?? ''}`;
}
