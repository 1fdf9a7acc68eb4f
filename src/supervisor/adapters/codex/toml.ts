import type { CodexConfig, CodexConfigValue } from '../../domain/config.ts';

/** A TOML document of `config`: plain values first, then one table per nested map; keys keep their order. */
export function toToml(config: CodexConfig): string {
  const lines: string[] = [];
  writeTable([], config, lines);
  return `${lines.join('\n').trim()}\n`;
}

/** One TOML value on one line, as `codex -c key=VALUE` wants it. */
export function toTomlValue(value: CodexConfigValue): string {
  if (typeof value === 'string') return tomlString(value);
  if (typeof value === 'number') return tomlNumber(value);
  if (typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map(toTomlValue).join(', ')}]`;
  return `{ ${Object.entries(value).map(([key, entry]) => `${tomlKey(key)} = ${toTomlValue(entry)}`).join(', ')} }`;
}

/** `over` laid on `under`: maps are merged key by key, everything else (lists too) is replaced. */
export function mergeConfig(under: CodexConfig, over: CodexConfig): CodexConfig {
  const merged: CodexConfig = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = Object.hasOwn(merged, key) ? merged[key] : undefined;
    const both = below !== undefined && isTable(below) && isTable(value);
    Object.defineProperty(merged, key, { value: both ? mergeConfig(below, value) : value, enumerable: true, writable: true, configurable: true });
  }
  return merged;
}

function writeTable(path: string[], table: CodexConfig, lines: string[]): void {
  const entries = Object.entries(table);
  const plain = entries.filter((entry) => !isTable(entry[1]));
  if (path.length > 0 && (plain.length > 0 || entries.length === 0)) lines.push('', `[${path.map(tomlKey).join('.')}]`);
  for (const [key, value] of plain) lines.push(`${tomlKey(key)} = ${toTomlValue(value)}`);
  for (const [key, value] of entries) if (isTable(value)) writeTable([...path, key], value, lines);
}

function isTable(value: CodexConfigValue): value is Record<string, CodexConfigValue> {
  return typeof value === 'object' && !Array.isArray(value);
}

function tomlKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : tomlString(key);
}

/** TOML basic strings escape like JSON, except that TOML also wants DEL escaped and takes no lone surrogates. */
function tomlString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replaceAll('\u007f', '\\u007f');
}

function tomlNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  // A large integer in exponent form is a float to TOML; BigInt prints it in full.
  return Number.isInteger(value) ? BigInt(value).toString() : String(value);
}
