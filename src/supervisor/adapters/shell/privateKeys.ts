import { readFile } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';
import { codeOf } from '../../base/errors.ts';
import { expandPath, type SshSettings } from './sshSettings.ts';

/** One configured identity file, as far as it can be used without a person. */
export type PrivateKey = { path: string } & ({ kind: 'usable'; key: ParsedKey } | { kind: 'encrypted' } | { kind: 'unsupported'; why: string });

/** The identity files of the settings that exist, in order. */
export async function readPrivateKeys(settings: SshSettings): Promise<PrivateKey[]> {
  const paths = settings.all('identityfile').flatMap((line) => expandPath(line, settings) ?? []);
  const keys = await Promise.all(paths.map(readPrivateKey));
  return keys.filter((key) => key !== null);
}

/** The first configured key that has a passphrase, or null. */
export async function findEncryptedKey(settings: SshSettings): Promise<string | null> {
  return (await readPrivateKeys(settings)).find((key) => key.kind === 'encrypted')?.path ?? null;
}

async function readPrivateKey(path: string): Promise<PrivateKey | null> {
  let text: Buffer;
  try {
    text = await readFile(path);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null; // ssh names default files that most people do not have
    return { path, kind: 'unsupported', why: String(codeOf(error)) };
  }
  const parsed = ssh2.utils.parseKey(text) as ParsedKey | ParsedKey[] | Error;
  if (parsed instanceof Error) return /no passphrase given|[Ee]ncrypted/.test(parsed.message) ? { path, kind: 'encrypted' } : { path, kind: 'unsupported', why: parsed.message };
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  return key ? { path, kind: 'usable', key } : { path, kind: 'unsupported', why: 'no key in it' };
}
