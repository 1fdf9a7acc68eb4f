import { readFile } from 'node:fs/promises';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import { codeOf } from '../../base/errors.ts';
import { judgeHostKey, knownHostName, knownKeyTypes, parseKnownHosts, type HostKeyVerdict } from './knownHosts.ts';
import { ConnectError } from './shell.ts';
import { changedHostKey, unknownHostKey } from './sshFailure.ts';
import { filesOf, type SshSettings } from './sshSettings.ts';

/** Decides on host keys by the operator's known_hosts files; StrictHostKeyChecking cannot make it weaker. */
export type HostKeyJudge = {
  /** What to ask the server for; undefined leaves the library's default. */
  algorithms: ServerHostKeyAlgorithm[] | undefined;
  judge(key: Buffer): HostKeyVerdict;
};

/** Reads the files that `ssh -G` names. */
export async function readHostKeyJudge(settings: SshSettings): Promise<HostKeyJudge> {
  const files = [...filesOf('userknownhostsfile', settings), ...filesOf('globalknownhostsfile', settings)];
  const entries = (await Promise.all(files.map(readIfThere))).flatMap(parseKnownHosts);
  const name = knownHostName(settings.first('hostname') ?? '', Number(settings.first('port') ?? 22), settings.first('hostkeyalias'));
  const types = knownKeyTypes(entries, name);
  return {
    algorithms: types.length === 0 ? undefined : types.flatMap(algorithmsOf),
    judge: (key) => judgeHostKey(entries, name, key),
  };
}

/** The error for a key that is not simply known. */
export function hostKeyError(name: string, verdict: Exclude<HostKeyVerdict, 'known'>): ConnectError {
  switch (verdict) {
    case 'unknown':
      return new ConnectError('host-key', unknownHostKey(name).replace('with Connect… (or ssh in a terminal)', 'with ssh in a terminal'));
    case 'changed':
      return new ConnectError('host-key', changedHostKey(name));
    case 'revoked':
      return new ConnectError('host-key', `${name}: its host key is marked as revoked in known_hosts; do not connect before its administrator explained that`);
    case 'authority-only':
      return new ConnectError('host-key', `${name}: its host key is vouched for by a certificate authority, which ssh2 does not cover; use "transport: openssh"`);
  }
}

function algorithmsOf(keyType: string): ServerHostKeyAlgorithm[] {
  if (keyType === 'ssh-rsa') return ['rsa-sha2-512', 'rsa-sha2-256'];
  return isAlgorithm(keyType) ? [keyType] : [];
}

function isAlgorithm(keyType: string): keyType is ServerHostKeyAlgorithm {
  return ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'].includes(keyType);
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return ''; // ssh names files that need not exist
    throw error;
  }
}
