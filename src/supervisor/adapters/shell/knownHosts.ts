import { createHmac } from 'node:crypto';

/** One line of a known_hosts file. `key` is the blob of the key, in which its type comes first. */
export type KnownHost = { marker: 'none' | 'revoked' | 'cert-authority' | 'other'; hosts: string; keyType: string; key: Buffer };

/** What known_hosts says of a key. */
export type HostKeyVerdict = 'known' | 'unknown' | 'changed' | 'revoked' | 'authority-only';

/** All entries of a known_hosts file; lines that are none are left out. */
export function parseKnownHosts(text: string): KnownHost[] {
  return text.split('\n').flatMap((line) => {
    const words = line.trim().split(/\s+/);
    if (line.trim() === '' || words[0]?.startsWith('#')) return [];
    const marker = words[0]?.startsWith('@') ? markerOf(words.shift() ?? '') : 'none';
    const [hosts, keyType, key] = words;
    if (hosts === undefined || keyType === undefined || key === undefined) return [];
    return [{ marker, hosts, keyType, key: Buffer.from(key, 'base64') }];
  });
}

/** The name under which ssh looks a host up: the HostKeyAlias, or the hostname with a port that is not 22. */
export function knownHostName(hostname: string, port: number, hostKeyAlias: string | undefined): string {
  if (hostKeyAlias !== undefined) return hostKeyAlias.toLowerCase();
  return port === 22 ? hostname.toLowerCase() : `[${hostname.toLowerCase()}]:${port}`;
}

/** Judges a key that the server called `name` presented. A key that is revoked for it anywhere is revoked. */
export function judgeHostKey(entries: KnownHost[], name: string, key: Buffer): HostKeyVerdict {
  const ours = entries.filter((entry) => matchesHost(entry.hosts, name));
  if (ours.some((entry) => entry.marker === 'revoked' && entry.key.equals(key))) return 'revoked';
  const plain = ours.filter((entry) => entry.marker === 'none');
  if (plain.some((entry) => entry.key.equals(key))) return 'known';
  if (plain.length > 0) return 'changed';
  return ours.some((entry) => entry.marker === 'cert-authority') ? 'authority-only' : 'unknown';
}

/** The key types that are known for a host, so that the server is asked for one of these. */
export function knownKeyTypes(entries: KnownHost[], name: string): string[] {
  const types = entries.filter((entry) => entry.marker === 'none' && matchesHost(entry.hosts, name)).map((entry) => entry.keyType);
  return [...new Set(types)];
}

function matchesHost(hosts: string, name: string): boolean {
  if (hosts.startsWith('|')) return matchesHash(hosts, name);
  let matched = false;
  for (const pattern of hosts.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!globToRegExp(negated ? pattern.slice(1) : pattern).test(name)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

function matchesHash(field: string, name: string): boolean {
  const [, version, salt, hash] = field.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest().equals(Buffer.from(hash, 'base64'));
}

function globToRegExp(glob: string): RegExp {
  const source = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}

function markerOf(word: string): KnownHost['marker'] {
  if (word === '@revoked') return 'revoked';
  return word === '@cert-authority' ? 'cert-authority' : 'other';
}
