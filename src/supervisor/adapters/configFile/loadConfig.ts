import { readFile } from 'node:fs/promises';
import { codeOf, HumanError, messageOf } from '../../base/errors.ts';
import type { Config } from '../../domain/config.ts';
import { parseConfig } from './parseConfig.ts';
import type { ConfigProblem } from './problems.ts';

/** A `config.yaml` from disk: good, wrong (with every problem), or not there. */
export type ConfigResult = { ok: true; config: Config } | { ok: false; problems: ConfigProblem[] } | { ok: 'missing' };

/** Reads and checks a `config.yaml`. Throws HumanError 'config-unreadable' if it is there but cannot be read. */
export async function loadConfig(path: string): Promise<ConfigResult> {
  try {
    return readConfigText(await readFile(path));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { ok: 'missing' };
    throw new HumanError('config-unreadable', `${path} cannot be read: ${messageOf(error)}`, { cause: error, exitCode: 2 });
  }
}

function readConfigText(bytes: Buffer): ConfigResult {
  const decoded = decodeConfig(bytes);
  if (decoded === null) return { ok: false, problems: [notUtf8] };
  const parsed = parseConfig(decoded);
  return parsed.ok ? { ok: true, config: parsed.config } : parsed;
}

/** What is wrong with a file that `decodeConfig` refuses. */
export const notUtf8: ConfigProblem = { line: 1, col: 1, message: 'not UTF-8: save it as UTF-8 text' };

/** The text of a file, or null if it is not UTF-8. */
export function decodeConfig(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (codeOf(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA') return null;
    throw error;
  }
}
